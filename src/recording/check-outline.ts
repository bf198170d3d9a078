import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import { parseFrame } from "../gateway/frame.ts";
import { outlineOf } from "../gateway/outline.ts";
import type { MessageEntry } from "./entry.ts";

/** True when what was noted of a text is not what the text says, as only a forged recording has it. */
export function contradictsText({ message, outline }: MessageEntry): boolean {
  if (message.type !== "text" || outline === undefined) return false;
  const { text } = message;
  const parsed = parseFrame(text);
  const frame = parsed.ok ? outlineOf(parsed.frame) : null;
  return (crc32(text) | 0) !== outline.crc || !isDeepStrictEqual(frame, outline.frame);
}
