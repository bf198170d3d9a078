import type { Frame } from "../gateway/frame.ts";

/**
 * The text of a frame without its id. Two frames with the same one say the same: whatever text the ids were cut out of stands at the
 * same place in both, so that either both were the ids, or all of the two is equal.
 */
export function textWithoutId(text: string, frame: Frame): string {
  if (frame.type === "event") return text;
  const id = JSON.stringify(frame.id);
  const at = text.indexOf(id);
  // JSON has no such character outside of its texts, and not unescaped in them.
  return at < 0 ? text : `${text.slice(0, at)}\0${text.slice(at + id.length)}`;
}
