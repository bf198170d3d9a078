import type { Frame } from "../gateway/frame.ts";
import { isAcceptance, keptParams, keptPayload, textIn } from "../gateway/outline.ts";
import { DeferredText, type TextOutline, type TextsAside } from "./deferred-texts.ts";
import type { Entry } from "./entry.ts";
import { encodeValue } from "./msgpack.ts";
import {
  decodeSide,
  isCount,
  isFlag,
  isText,
  isTextOrNull,
  isWhole,
  MESSAGE,
  TEXT,
  type Place,
} from "./tuple-fields.ts";

/*
 * The tuple of a message whose text was set aside has in place of `type, content`: 0, nil, the bytes of the text in UTF-8, outline.
 * The outline of its frame is one of these; `crc` is the CRC-32 of the text as a signed number:
 *
 *   [0, crc, id, method, idempotencyKey, deviceId]                        a request; the last two are strings or nil
 *   [1, crc, id, accepted]                                                an answer that is ok; true when it promises another one
 *   [2, crc, event, seq]                                                  an event; seq: number or nil
 */
/**
 * Packs the three fields that stand for a text that was set aside. They are parts of a tuple, not a value of their own. Null for an
 * outline that would not read back as it is: half a character, which JSON can escape, is none in UTF-8.
 */
export function encodeAside(sizeBytes: number, { frame, crc }: TextOutline): Buffer | null {
  const fields = outlineFields(frame, crc);
  if (fields.some((field) => isText(field) && !field.isWellFormed())) return null;
  // An array of three without the byte that says so.
  return encodeValue([null, sizeBytes, fields]).subarray(1);
}

function outlineFields(frame: Frame, crc: number): readonly unknown[] {
  switch (frame.type) {
    case "req": {
      const { id, method, params } = frame;
      return [0, crc, id, method, textIn(params, "idempotencyKey"), textIn(params, "deviceId")];
    }
    case "res":
      return [1, crc, frame.id, isAcceptance(frame.payload)];
    case "event":
      return [2, crc, frame.event, frame.seq];
  }
}

/** A message whose text stands elsewhere. */
export function isSetAside(fields: readonly unknown[]): boolean {
  return fields.length >= 11 && fields[0] === MESSAGE && fields[7] === TEXT && fields[8] === null;
}

/** Methods and events of a block: the same few again and again, of which one of each is enough. */
class Names {
  readonly #known = new Map<string, string>();

  get(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, name);
    return name;
  }
}

/** Reads messages whose texts were set aside, in their order. */
export class AsideReader {
  readonly #texts: TextsAside | null;
  readonly #names = new Names();
  #offset = 0;

  constructor(texts: TextsAside | null) {
    this.#texts = texts;
  }

  get isAtEnd(): boolean {
    return this.#offset === (this.#texts?.sizeBytes ?? 0);
  }

  read(fields: readonly unknown[], place: Place): Entry | null {
    // By index, as there are so many of these.
    const redacted = fields[4];
    const sizeBytes = fields[6];
    const textBytes = fields[9];
    const texts = this.#texts;
    if (texts === null || !isCount(textBytes) || textBytes > texts.sizeBytes - this.#offset)
      return null;
    const start = this.#offset;
    const end = start + textBytes;
    this.#offset = end;
    const from = decodeSide(fields[5]);
    const outline = decodeOutline(fields[10], this.#names);
    if (!isFlag(redacted) || from === null || !isCount(sizeBytes) || outline === null) return null;
    const { entry, atMs, wallMs, connection } = place;
    if (texts.deferred) {
      const message = new DeferredText(texts, start, end);
      return {
        kind: "message",
        entry,
        atMs,
        wallMs,
        connection,
        from,
        message,
        sizeBytes,
        redacted,
        outline,
      };
    }
    const message = { type: "text", text: texts.slice(start, end) } as const;
    return { kind: "message", entry, atMs, wallMs, connection, from, message, sizeBytes, redacted };
  }
}

function decodeOutline(value: unknown, names: Names): TextOutline | null {
  if (!Array.isArray(value)) return null;
  const fields: readonly unknown[] = value;
  const type = fields[0];
  const crc = fields[1];
  const name = fields[2];
  const a = fields[3];
  if (!isWhole(crc) || !isText(name)) return null;
  if (type === 0) {
    const b = fields[4];
    const c = fields[5];
    if (!isText(a) || !isTextOrNull(b) || !isTextOrNull(c)) return null;
    const params = keptParams(b, c);
    const method = names.get(a);
    return { crc, frame: { type: "req", id: name, method, params, traceparent: null } };
  }
  if (type === 1 && isFlag(a)) {
    return {
      crc,
      frame: { type: "res", id: name, ok: true, payload: keptPayload(a), error: null },
    };
  }
  if (type === 2 && (a === null || typeof a === "number")) {
    return { crc, frame: { type: "event", event: names.get(name), payload: undefined, seq: a } };
  }
  return null;
}
