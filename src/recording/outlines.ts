import { crc32 } from "node:zlib";
import {
  parseFrame,
  type Frame,
  type ParsedFrame,
  isAcceptance,
  keptParams,
  keptPayload,
  outlineOf,
  textIn,
} from "../gateway/frame.ts";
import type { MessageEntry, NewEntry } from "./entry.ts";
import {
  isFlag,
  isText,
  isTextOrNull,
  isWhole,
  tuplesOf,
  withoutText,
  type FindText,
  type Tuple,
} from "./entry-codec.ts";
import { encodeValue } from "./msgpack.ts";

/*
 * An outlines block is an index over the entries block that it follows: it tells no more than can be told from that one, and may be
 * left out, thrown away and passed over. It holds the same tuples, with the outline of a frame in the place of its text:
 *
 *   [3, atUs, wallUs, connection, redacted, from, sizeBytes, 0, nil, crc, outline…]
 *
 * `crc` is the CRC-32 of the text as a signed number. The outline is one of these:
 *
 *   0, id, method, idempotencyKey, deviceId       a request; the last two are strings or nil
 *   1, id, accepted                               an answer that is ok; true when it promises another one
 *   2, event, seq                                 an event; seq: number or nil
 *
 * A text without an outline stands whole.
 */

/** A longer text, read as a frame, may take more memory than a recorder should: it has no outline. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** What an outlines block tells of a text. */
export interface TextOutline {
  /** See `outlineOf`. */
  readonly frame: Frame;
  /** CRC-32 of the text in UTF-8, as a signed number. */
  readonly crc: number;
}

/** Packs the outlines of a block's entries. */
export function encodeOutlines(entries: readonly NewEntry[]): Buffer {
  return encodeValue(tuplesOf(entries).map((tuple, index) => outlined(entries[index], tuple)));
}

function outlined(entry: NewEntry | undefined, tuple: Tuple): Tuple {
  if (entry?.kind !== "message" || entry.message.type !== "text") return tuple;
  const { text } = entry.message;
  if (text.length > MAX_TEXT_BYTES) return tuple;
  const parsed = parseFrame(text);
  const frame = parsed.ok ? outlineOf(parsed.frame) : null;
  if (frame === null) return tuple;
  const fields = fieldsOf(frame);
  // Half a character, which JSON can escape, is none in UTF-8: it would not read back as it is.
  if (fields.some((field) => isText(field) && !field.isWellFormed())) return tuple;
  return withoutText(tuple, [signedCrcOf(text), ...fields]);
}

function fieldsOf(frame: Frame): Tuple {
  switch (frame.type) {
    case "req": {
      const { id, method, params } = frame;
      return [0, id, method, textIn(params, "idempotencyKey"), textIn(params, "deviceId")];
    }
    case "res":
      return [1, frame.id, isAcceptance(frame.payload)];
    case "event":
      return [2, frame.event, frame.seq];
  }
}

function signedCrcOf(text: string): number {
  return crc32(text) | 0;
}

/** Reads the tuples of an outlines block; `texts` are asked for a text when somebody asks for it. */
export function findOutlined(texts: DeferredTexts): FindText {
  const names = new Map<string, string>();
  return (fields, index) => {
    const outline = decodeOutline(fields, names);
    return outline === null ? null : { message: new DeferredText(texts, index), outline };
  };
}

function decodeOutline(fields: Tuple, names: Map<string, string>): TextOutline | null {
  // By index, as there are so many of these.
  const crc = fields[9];
  const type = fields[10];
  const name = fields[11];
  const a = fields[12];
  if (!isWhole(crc) || !isText(name)) return null;
  if (type === 0) {
    const b = fields[13];
    const c = fields[14];
    if (!isText(a) || !isTextOrNull(b) || !isTextOrNull(c)) return null;
    const params = keptParams(b, c);
    const method = oneOf(names, a);
    return { crc, frame: { type: "req", id: name, method, params, traceparent: null } };
  }
  if (type === 1 && isFlag(a)) {
    const payload = keptPayload(a);
    return { crc, frame: { type: "res", id: name, ok: true, payload, error: null } };
  }
  if (type === 2 && (a === null || typeof a === "number")) {
    const event = oneOf(names, name);
    return { crc, frame: { type: "event", event, payload: undefined, seq: a } };
  }
  return null;
}

/** Methods and events are the same few again and again, of which one of each is enough. */
function oneOf(names: Map<string, string>, name: string): string {
  const known = names.get(name);
  if (known === undefined) names.set(name, name);
  return known ?? name;
}

/** The texts of an entries block, read when the first of them is asked for. Where they cannot be, they are empty, and that is told. */
export class DeferredTexts {
  #read: (() => readonly string[] | null) | null;
  readonly #onDamage: () => void;
  #texts: readonly string[] = [];

  constructor(read: () => readonly string[] | null, onDamage: () => void) {
    this.#read = read;
    this.#onDamage = onDamage;
  }

  /** The text of the entry at that place in its block. */
  at(index: number): string {
    if (this.#read !== null) {
      const texts = this.#read();
      this.#read = null;
      if (texts === null) this.#onDamage();
      else this.#texts = texts;
    }
    return this.#texts[index] ?? "";
  }
}

class DeferredText {
  readonly type = "text";
  readonly #texts: DeferredTexts;
  readonly #index: number;

  constructor(texts: DeferredTexts, index: number) {
    this.#texts = texts;
    this.#index = index;
  }

  get text(): string {
    return this.#texts.at(this.#index);
  }
}

/** The frame of a text message as traces and filters look at it: where there is an outline, the text is left alone. */
export function readOutlinedFrame(
  message: { readonly text: string },
  outline: TextOutline | undefined,
): ParsedFrame {
  return outline === undefined ? parseFrame(message.text) : { ok: true, frame: outline.frame };
}

/** As much of a text message as tells whether another one is the same. */
export type TextMark = string | TextOutline;

/** The mark of a text message; of one that was not read with its entry, without reading it. */
export function markOf({ message, outline }: MessageEntry): TextMark | null {
  if (message.type !== "text") return null;
  return outline ?? message.text;
}

/** True when both are marks of the same text. */
export function isSameText(a: TextMark, b: TextMark): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  if (typeof a !== "string" && typeof b !== "string" && nameOf(a) !== nameOf(b)) return false;
  return crcOf(a) === crcOf(b);
}

function crcOf(mark: TextMark): number {
  return typeof mark === "string" ? signedCrcOf(mark) : mark.crc;
}

/** Hardly two frames in a row have the same one, unless they are the same. */
function nameOf({ frame }: TextOutline): string | number | null {
  return frame.type === "event" ? (frame.seq ?? frame.event) : frame.id;
}
