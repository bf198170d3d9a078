import { isUtf8 } from "node:buffer";
import { Unmasker } from "./unmasker.ts";
import type { Side } from "./message.ts";

/** The last or only frame of a text message, without an extension (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Reads text messages that are one frame each, which nearly all are, in a tenth of the time that `Receiver` takes. It says nothing
 * about any other frame, and changes nothing of it.
 */
export class TextFrames {
  readonly #isMasked: boolean;
  readonly #maxMessageBytes: number;
  readonly #onText: (text: string, sizeBytes: number) => void;
  readonly #unmasker = new Unmasker();

  constructor(
    from: Side,
    maxMessageBytes: number,
    onText: (text: string, sizeBytes: number) => void,
  ) {
    this.#isMasked = from === "client";
    this.#maxMessageBytes = maxMessageBytes;
    this.#onText = onText;
  }

  /** Reads such frames from the start of the bytes, unmasking them in place, up to the first that is none or not whole; says how far. */
  read(bytes: Buffer): number {
    let at = 0;
    while (bytes[at] === WHOLE_TEXT) {
      const second = bytes[at + 1];
      if (second === undefined || (second & MASKED) !== (this.#isMasked ? MASKED : 0)) break;
      const length = second & LENGTH;
      const lengthBytes = length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0;
      const start = at + 2 + lengthBytes + (this.#isMasked ? 4 : 0);
      if (start > bytes.length) break;
      const sizeBytes = lengthBytes === 0 ? length : readLength(bytes, at + 2, lengthBytes);
      const end = start + sizeBytes;
      if (end > bytes.length || sizeBytes > this.#maxMessageBytes) break;
      if (!this.#readText(bytes, start, end)) break;
      at = end;
    }
    return at;
  }

  #readText(bytes: Buffer, start: number, end: number): boolean {
    if (this.#isMasked) this.#unmasker.apply(bytes, start, end);
    const text = bytes.toString("utf8", start, end);
    if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) {
      if (this.#isMasked) this.#unmasker.apply(bytes, start, end);
      return false;
    }
    this.#onText(text, end - start);
    return true;
  }
}

function readLength(bytes: Buffer, offset: number, lengthBytes: number): number {
  return lengthBytes === 2
    ? bytes.readUInt16BE(offset)
    : bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4);
}
