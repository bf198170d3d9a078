import type { Canvas, Rect } from "../paint/canvas.ts";
import { isChange } from "../lines/diff.ts";
import type { DiffPage, TextPage } from "../page.ts";
import type { State } from "../state.ts";
import type { Style } from "../paint/theme.ts";

/** Paints the page that lies over the panes, where there is one. */
export function paintPage(canvas: Canvas, rect: Rect, state: State): void {
  const { page } = state;
  if (page === null) return;
  if (page.kind === "text") paintText(canvas, rect, page);
  else paintDiff(canvas, rect, page);
}

function paintText(canvas: Canvas, rect: Rect, { title, lines, top }: TextPage): void {
  const inside = canvas.frame(rect, title, `${lines.length} lines  Esc closes`, true);
  for (let row = 0; row < inside.height; row++) {
    const line = lines[top + row];
    if (line === undefined) break;
    canvas.put(inside.x + 1, inside.y + row, line, "text", inside.width - 1);
  }
}

const MARKS: Readonly<Record<DiffPage["rows"][number]["mark"], readonly [string, Style]>> = {
  same: [" ", "text"],
  changed: ["~", "warning"],
  removed: ["-", "error"],
  added: ["+", "ok"],
  ignored: ["i", "faint"],
};

function paintDiff(canvas: Canvas, rect: Rect, page: DiffPage): void {
  const changes = page.rows.filter(isChange).length;
  const ignored = page.rows.filter(({ mark }) => mark === "ignored").length;
  const note = `${changes} ${changes === 1 ? "change" : "changes"}, ${ignored} new in every run (i)`;
  const half = Math.floor(rect.width / 2);
  const left = { ...rect, width: half };
  const right = { ...rect, x: rect.x + half, width: rect.width - half };
  const a = canvas.frame(left, `A  ${page.a.name}`, "", true);
  const b = canvas.frame(right, `B  ${page.b.name}`, "", true);
  canvas.put(rect.x + 2, rect.y + rect.height - 1, ` ${note} `, "key", rect.width - 4);
  for (let row = 0; row < a.height; row++) {
    const line = page.rows[page.top + row];
    if (line === undefined) break;
    const [mark, style] = MARKS[line.mark];
    const indent = "  ".repeat(Math.min(line.depth, 30));
    const cursor = page.top + row === page.cursor;
    for (const [inside, text] of [
      [a, line.a],
      [b, line.b],
    ] as const) {
      const y = inside.y + row;
      canvas.put(inside.x, y, `${mark}${cursor ? ">" : " "}`, style, 2);
      if (text !== null) canvas.put(inside.x + 2, y, indent + text, style, inside.width - 2);
      if (cursor) canvas.reverse(inside.x, y, inside.width);
    }
  }
}
