import { hash } from "node:crypto";
import type { Frame } from "../gateway/frame.ts";
import { isVolatileField, maskText } from "../gateway/volatile.ts";
import { maskRedacted } from "./redacted-text.ts";

/** Params are told apart by so much of their text; what follows hardly says who they are. */
const MAX_CHARACTERS = 2048;

/** What is remembered of the requests and answers of a recording, by entry, so that equal ones need not be read again. */
export class Digests {
  readonly #texts = new Map<number, string>();
  readonly #questions = new Map<number, string>();

  /** Takes in a request or an answer. */
  add(entry: number, frame: Frame, text: string): void {
    this.#texts.set(entry, digest(textWithoutId(text, frame)));
    this.addQuestion(entry, frame);
  }

  /** Takes in what tells a request from others, and no more. */
  addQuestion(entry: number, frame: Frame): void {
    if (frame.type === "req") this.#questions.set(entry, digest(meaningOf(frame)));
  }

  /** The same for two requests whose method and beginning of params say the same, but for what is new in every run; null when unknown. */
  question(entry: number): string | null {
    return this.#questions.get(entry) ?? null;
  }

  /** True when the frame of that entry says to the letter what the frame of an entry of the other recording says, but for its id. */
  saysTheSame(entry: number | null, others: Digests, otherEntry: number | null): boolean {
    if (entry === null || otherEntry === null) return entry === otherEntry;
    const own = this.#texts.get(entry);
    return own !== undefined && own === others.#texts.get(otherEntry);
  }
}

// A byte a character: there are very many of them.
function digest(text: string): string {
  return hash("sha256", text, "binary");
}

function meaningOf({ method, params }: Extract<Frame, { type: "req" }>): string {
  const text = JSON.stringify(params, maskValue) ?? "";
  return `${method}\n${text.slice(0, MAX_CHARACTERS)}`;
}

function maskValue(key: string, value: unknown): unknown {
  if (isVolatileField(key)) return null;
  return typeof value === "string" ? maskRedacted(maskText(value)) : value;
}

// Two frames with the same one say the same: whatever text the ids were cut out of stands at the same place in both, so that either both
// were the ids, or all of the two is equal.
function textWithoutId(text: string, frame: Frame): string {
  if (frame.type === "event") return text;
  const id = JSON.stringify(frame.id);
  const at = text.indexOf(id);
  // JSON has no such character outside of its texts, and not unescaped in them.
  return at < 0 ? text : `${text.slice(0, at)}\0${text.slice(at + id.length)}`;
}
