import { Buffer } from "node:buffer";

/** One line of a text. */
export interface Line {
  /** Null when it is longer than any line that makes sense. */
  readonly text: string | null;
  /** Counts from 1. */
  readonly number: number;
  /** True when a line break follows; false for the last one of a text that was cut. */
  readonly isEnded: boolean;
}

/** A message of 32 MiB fits, escaped: the largest that is recorded. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Splits UTF-8 into lines at line feeds only, holds no more than one of them, and passes over empty ones: JSON may have U+2028 in a string, where
 * `node:readline` would split.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  let number = 1;
  const take = (isEnded: boolean): Line => {
    const text = heldBytes > maxLineBytes ? null : Buffer.concat(parts).toString();
    parts = [];
    heldBytes = 0;
    return { text, number: number++, isEnded };
  };
  const hold = (bytes: Buffer): void => {
    heldBytes += bytes.length;
    if (heldBytes <= maxLineBytes) parts.push(bytes);
    else parts = [];
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      if (end === from && heldBytes === 0) {
        number += 1;
      } else {
        hold(bytes.subarray(from, end));
        yield take(true);
      }
      from = end + 1;
    }
    if (from < bytes.length) hold(bytes.subarray(from));
  }
  if (heldBytes > 0) yield take(false);
}
