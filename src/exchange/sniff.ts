import { Buffer } from "node:buffer";
import { isJsonObject } from "../gateway/json-object.ts";
import { MAGIC } from "../recording/format.ts";

/** What a file given to import is, as far as its beginning tells. */
export type ForeignFormat =
  | "json-lines"
  | "har"
  | "recording"
  | "packets"
  | "zip"
  | "gzip"
  | "unknown";

/** How files that are no text begin. */
const MAGICS: readonly (readonly [ForeignFormat, Uint8Array])[] = [
  ["recording", MAGIC],
  // pcapng; then pcap in both byte orders, with microseconds and with nanoseconds.
  ["packets", Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a)],
  ["packets", Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4)],
  ["packets", Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1)],
  ["packets", Uint8Array.of(0xa1, 0xb2, 0x3c, 0x4d)],
  ["packets", Uint8Array.of(0x4d, 0x3c, 0xb2, 0xa1)],
  ["zip", Uint8Array.of(0x50, 0x4b, 0x03, 0x04)],
  ["gzip", Uint8Array.of(0x1f, 0x8b)],
];

/** How much of a file `sniffFormat` wants to see, at most. */
export const SNIFFED_BYTES: number = 64 * 1024;

/** Tells a format by the first bytes. */
export function sniffFormat(head: Uint8Array): ForeignFormat {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  for (const [format, magic] of MAGICS) {
    if (bytes.subarray(0, magic.length).equals(magic)) return format;
  }
  const text = bytes.toString().replace(/^\uFEFF/, "");
  const [firstLine = ""] = text.split("\n", 1);
  const first = parseLine(firstLine);
  if (isJsonObject(first)) {
    if (first["kind"] !== undefined) return "json-lines";
    return isJsonObject(first["log"]) ? "har" : "unknown";
  }
  // A HAR is one document: its first line is a part of it, or longer than what there is to see.
  return /^\s*\{\s*"log"\s*:/.test(text) ? "har" : "unknown";
}

function parseLine(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}
