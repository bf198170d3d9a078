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

/**
 * A member whose value is a string without escapes, a flag, a number or null, with what stands before it (RFC 8259, section 4). Nothing
 * in it can match in two ways.
 */
const MEMBER =
  /[\t\n\r ]*[{,][\t\n\r ]*"([^"\\]{0,64})"[\t\n\r ]*:[\t\n\r ]*(?:"([^"\\]{0,256})"|(true|false)|[\w.+-]{1,32})(?=[\t\n\r ]*[,}])/y;

/** More members than any frame has before its params or payload. */
const MAX_MEMBERS = 8;

/** What the first members say, if they say it all; null when the frame has to be read whole. */
function readFirstMembers(text: string): Envelope | null {
  let type = "";
  let id: string | null = null;
  let method: string | null = null;
  let event: string | null = null;
  let ok: boolean | null = null;
  MEMBER.lastIndex = 0;
  for (let count = 0; count < MAX_MEMBERS; count += 1) {
    const member = MEMBER.exec(text);
    if (member === null) return null;
    const [, name, value, flag] = member;
    if (name === "type") type = value ?? "";
    else if (name === "id") id = value ?? null;
    else if (name === "method") method = value ?? null;
    else if (name === "event") event = value ?? null;
    else if (name === "ok") ok = flag === undefined ? null : flag === "true";
    if (type === "res" && id !== null && ok !== null) return { type, id, ok };
    if (type === "req" && id !== null && method !== null) return { type, id, method };
    if (type === "event" && event !== null) return { type, event };
  }
  return null;
}
