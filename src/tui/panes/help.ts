import type { Canvas, Rect } from "../paint/canvas.ts";
import { helpLines } from "../lines/help.ts";
import type { State } from "../state.ts";

const KEYS_WIDTH = 18;

/** Paints the help over everything else. */
export function paintHelp(canvas: Canvas, rect: Rect, state: State): void {
  if (state.help === null) return;
  const { query, top } = state.help;
  const lines = helpLines(query);
  const inside = canvas.frame(rect, "Help: keys", `${lines.length} lines  Esc closes`, true);
  const asked = query === "" ? "type to filter: a key or a word" : `matching: ${query}`;
  canvas.put(inside.x + 1, inside.y, asked, "text", inside.width - 1);
  for (let row = 1; row < inside.height; row++) {
    const line = lines[top + row - 1];
    if (line === undefined) break;
    const y = inside.y + row;
    if (line.heading !== null) canvas.put(inside.x + 1, y, line.heading, "focus", inside.width);
    canvas.put(inside.x + 3, y, line.keys, "key", KEYS_WIDTH);
    canvas.put(inside.x + 4 + KEYS_WIDTH, y, line.help, "text", inside.width - 5 - KEYS_WIDTH);
  }
  if (lines.length === 0)
    canvas.put(
      inside.x + 1,
      inside.y + 1,
      "no key does that; Backspace widens",
      "text",
      inside.width,
    );
}
