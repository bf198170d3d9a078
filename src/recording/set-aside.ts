import { crc32 } from "node:zlib";
import { parseFrame } from "../gateway/frame.ts";
import { outlineOf } from "../gateway/outline.ts";
import { encodeAside } from "./aside-codec.ts";
import { textHeadBytes } from "./msgpack-forms.ts";

/** Shorter texts stay where they are: their outline is hardly shorter. */
const MIN_ASIDE_BYTES = 512;
/** So do those that, read as a frame, may take more memory than a recorder should. */
const MAX_ASIDE_BYTES = 1024 * 1024;

/** True for a text of a length that is set aside. */
export function isForAside(sizeBytes: number): boolean {
  return sizeBytes >= MIN_ASIDE_BYTES && sizeBytes <= MAX_ASIDE_BYTES;
}

/** Where the tuple of a long text lies in the payload of a block. The text is its last field. */
export interface TextPlace {
  readonly tuple: number;
  /** Where the text's msgpack form begins. */
  readonly text: number;
  readonly end: number;
}

/** The payload of a block whose long texts were set aside. */
export interface PayloadAside {
  /** The tuples, with an outline in place of each text that was set aside. */
  readonly outlined: Buffer;
  /** Those texts, one after the other. */
  readonly texts: Buffer;
}

/** Sets aside the texts that are frames with an outline; null when there are none. */
export function setTextsAside(payload: Buffer, places: readonly TextPlace[]): PayloadAside | null {
  // Neither can become longer than the payload, since an outline must be much shorter than its text.
  const outlined = Buffer.allocUnsafe(payload.length);
  const texts = Buffer.allocUnsafe(payload.length);
  let outlinedBytes = 0;
  let textsBytes = 0;
  let copied = 0;
  for (const { tuple, text, end } of places) {
    const start = text + textHeadBytes(payload, text);
    const aside = packAside(payload.subarray(start, end));
    if (aside === null || aside.length > (end - text) / 2) continue;
    outlinedBytes += payload.copy(outlined, outlinedBytes, copied, tuple);
    outlined[outlinedBytes++] = TUPLE_WITH_OUTLINE;
    outlinedBytes += payload.copy(outlined, outlinedBytes, tuple + 1, text);
    outlinedBytes += aside.copy(outlined, outlinedBytes);
    textsBytes += payload.copy(texts, textsBytes, start, end);
    copied = end;
  }
  if (textsBytes === 0) return null;
  outlinedBytes += payload.copy(outlined, outlinedBytes, copied);
  return { outlined: outlined.subarray(0, outlinedBytes), texts: texts.subarray(0, textsBytes) };
}

/** The three fields that stand for the text. */
function packAside(bytes: Buffer): Buffer | null {
  const parsed = parseFrame(bytes.toString("utf8"));
  const frame = parsed.ok ? outlineOf(parsed.frame) : null;
  return frame === null ? null : encodeAside(bytes.length, { frame, crc: crc32(bytes) | 0 });
}

/** An array of 11 values. */
const TUPLE_WITH_OUTLINE = 0x9b;
