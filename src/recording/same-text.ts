import { crc32 } from "node:zlib";
import type { TextOutline } from "./deferred-texts.ts";
import type { MessageEntry } from "./entry.ts";

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
  return typeof mark === "string" ? crc32(mark) | 0 : mark.crc;
}

/** Hardly two frames in a row have the same one, unless they are the same. */
function nameOf({ frame }: TextOutline): string | number | null {
  return frame.type === "event" ? (frame.seq ?? frame.event) : frame.id;
}
