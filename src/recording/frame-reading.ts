import { parseFrame, type Frame, type ParsedFrame } from "../gateway/frame.ts";
import type { NewEntry } from "./entry.ts";

/** What a frame is about, without its params or payload. */
export type Envelope =
  | { readonly type: "req"; readonly id: string; readonly method: string }
  | { readonly type: "res"; readonly id: string; readonly ok: boolean }
  | { readonly type: "event"; readonly event: string };

/** One text message that several look at: it is read as a frame at most once, and only when somebody needs more than its envelope. */
export class FrameReading {
  readonly text: string;
  #envelope: Envelope | null | undefined = undefined;
  #parsed: ParsedFrame | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * What the frame is about; null when it is none. Most frames say it before what is large, and then nothing after it is read: not
   * even whether it is JSON.
   */
  get envelope(): Envelope | null {
    if (this.#envelope === undefined) {
      const first = this.#parsed === null ? readFirstMembers(this.text) : null;
      this.#envelope = first ?? (this.parsed.ok ? envelopeOf(this.parsed.frame) : null);
    }
    return this.#envelope;
  }

  /** The whole frame, or the reason why it is none. */
  get parsed(): ParsedFrame {
    this.#parsed ??= parseFrame(this.text);
    return this.#parsed;
  }
}

/** The reading of a text message, `known` where that is of the same text; null for every other entry. */
export function readingOf(entry: NewEntry, known: FrameReading | null = null): FrameReading | null {
  if (entry.kind !== "message" || entry.message.type !== "text") return null;
  const { text } = entry.message;
  return known?.text === text ? known : new FrameReading(text);
}

function envelopeOf(frame: Frame): Envelope {
  switch (frame.type) {
    case "req":
      return { type: "req", id: frame.id, method: frame.method };
    case "res":
      return { type: "res", id: frame.id, ok: frame.ok };
    case "event":
      return { type: "event", event: frame.event };
  }
}

/** A member of a JSON object whose value is a string without escapes, a flag or a number, with the comma before it (RFC 8259, section 4). */
const MEMBER =
  /[\t\n\r ]*[{,][\t\n\r ]*"([^"\\]{0,64})"[\t\n\r ]*:[\t\n\r ]*(?:"([^"\\]{0,256})"|(true|false)|[0-9.eE+-]{1,32}|null)(?=[\t\n\r ]*[,}])/y;

/** More members than any frame has before its params or payload. */
const MAX_MEMBERS = 8;

/** What the first members say, if they say it all; null when the frame has to be read whole. */
function readFirstMembers(text: string): Envelope | null {
  const known: Known = { type: "", id: null, method: null, event: null, ok: null };
  MEMBER.lastIndex = 0;
  for (let count = 0; count < MAX_MEMBERS; count += 1) {
    const member = MEMBER.exec(text);
    if (member === null) return null;
    const [, name, value, flag] = member;
    if (name === "ok") known.ok = flag === undefined ? null : flag === "true";
    else if (value !== undefined && isKnown(name)) known[name] = value;
    const envelope = toEnvelope(known);
    if (envelope !== null) return envelope;
  }
  return null;
}

interface Known {
  type: string;
  id: string | null;
  method: string | null;
  event: string | null;
  ok: boolean | null;
}

function isKnown(name: string | undefined): name is "type" | "id" | "method" | "event" {
  return name === "type" || name === "id" || name === "method" || name === "event";
}

function toEnvelope({ type, id, method, event, ok }: Known): Envelope | null {
  switch (type) {
    case "req":
      return id === null || method === null ? null : { type, id, method };
    case "res":
      return id === null || ok === null ? null : { type, id, ok };
    case "event":
      return event === null ? null : { type, event };
    default:
      return null;
  }
}
