import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

const DECODERS: ReadonlyMap<string, typeof gunzipSync> = new Map([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateSync],
  ["br", brotliDecompressSync],
]);

/**
 * Undoes the codings of a Content-Encoding header (RFC 9110, section 8.4); null when one is not known, the bytes are not so coded,
 * or are too many.
 */
export function decodeBody(
  bytes: Uint8Array,
  contentEncoding: string | null,
  maxBytes: number,
): Uint8Array | null {
  const codings = (contentEncoding ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
  let decoded = bytes;
  // The last was applied last.
  for (const coding of codings.toReversed()) {
    const decode = DECODERS.get(coding);
    if (decode === undefined) return null;
    try {
      decoded = decode(decoded, { maxOutputLength: maxBytes });
    } catch {
      return null;
    }
  }
  return decoded;
}
