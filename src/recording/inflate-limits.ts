import type { ZlibOptions } from "node:zlib";

/** Output that zlib is given room for at once: in pieces of its default 16 KiB, inflating a block takes twice as long. */
const MAX_INFLATE_BYTES = 1024 * 1024;

/** How far, and in what pieces, to inflate what is to become so many bytes. */
export function inflateLimits(sizeBytes: number): ZlibOptions {
  // zlib takes no limit below 1.
  const maxOutputLength = Math.max(1, sizeBytes);
  // With a little more room than promised it sees at once that there is no more. A lie may not cost more than that.
  return { maxOutputLength, chunkSize: Math.min(maxOutputLength + 64, MAX_INFLATE_BYTES) };
}
