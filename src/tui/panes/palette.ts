import type { Canvas, Rect } from "../paint/canvas.ts";
import { paletteItems } from "../updates/palette.ts";
import type { State } from "../state.ts";

const NAME_WIDTH = 18;
const KEYS_WIDTH = 12;

/** Paints the palette over everything else: all that can be done, narrowed by what is typed. */
export function paintPalette(canvas: Canvas, rect: Rect, state: State): void {
  if (state.palette === null) return;
  const { query, selected } = state.palette;
  const items = paletteItems(query);
  const inside = canvas.frame(rect, "Do", `${items.length} actions  Enter runs  Esc closes`, true);
  const asked = query === "" ? "type what to do" : `> ${query}`;
  canvas.put(inside.x + 1, inside.y, asked, "text", inside.width - 1);
  const height = inside.height - 1;
  const top = Math.max(0, selected - height + 1);
  for (let row = 0; row < height; row++) {
    const item = items[top + row];
    if (item === undefined) break;
    const y = inside.y + row + 1;
    canvas.put(inside.x, y, top + row === selected ? ">" : " ", "text", 1);
    canvas.put(inside.x + 2, y, item.name, "focus", NAME_WIDTH);
    canvas.put(inside.x + 3 + NAME_WIDTH, y, item.keys, "key", KEYS_WIDTH);
    const used = NAME_WIDTH + KEYS_WIDTH + 4;
    canvas.put(inside.x + used, y, item.help, "text", inside.width - used);
    if (top + row === selected) canvas.reverse(inside.x, y, inside.width);
  }
}
