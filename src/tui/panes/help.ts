import type { Canvas, Rect } from "../paint/canvas.ts";
import type { State } from "../state.ts";
import { helpItems } from "../updates/help.ts";

const GROUP_WIDTH = 9;
const KEYS_WIDTH = 13;

/** Paints the help over everything else: all that can be done, narrowed by what is typed. */
export function paintHelp(canvas: Canvas, rect: Rect, state: State): void {
  if (state.help === null) return;
  const { query, selected } = state.help;
  const items = helpItems(query);
  const note = `${items.length} lines  Enter does it  Esc closes`;
  const inside = canvas.frame(rect, "Help: keys", note, true);
  const asked = query === "" ? "type to filter: a key or a word" : `matching: ${query}`;
  canvas.put(inside.x + 1, inside.y, asked, "text", inside.width - 1);
  const height = inside.height - 1;
  const top = Math.max(0, selected - height + 1);
  for (const [row, { group, keys, help }] of items.slice(top, top + height).entries()) {
    const y = inside.y + row + 1;
    const isFirst = row === 0 || items[top + row - 1]?.group !== group;
    canvas.put(inside.x, y, top + row === selected ? ">" : " ", "text", 1);
    canvas.put(inside.x + 1, y, isFirst ? group : "", "focus", GROUP_WIDTH);
    canvas.put(inside.x + 2 + GROUP_WIDTH, y, keys, "key", KEYS_WIDTH);
    const used = GROUP_WIDTH + KEYS_WIDTH + 3;
    canvas.put(inside.x + used, y, help, "text", inside.width - used);
    if (top + row === selected) canvas.reverse(inside.x, y, inside.width);
  }
  if (items.length === 0)
    canvas.put(
      inside.x + 1,
      inside.y + 1,
      "no key does that; Backspace widens",
      "text",
      inside.width,
    );
}
