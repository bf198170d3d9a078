import type { Canvas, Rect } from "./canvas.ts";
import type { Style } from "./theme.ts";

/** One column of a table: where it stands and which way it leans. */
export interface Column {
  readonly name: string;
  readonly width: number;
  readonly align: "left" | "right";
}

/** What one line of a table shows in a column. */
export interface CellText {
  readonly text: string;
  readonly style?: Style;
}

/** Paints one line of a table, columns a blank apart. A text too long for its column ends in two dots. */
export function paintLine(
  canvas: Canvas,
  { x, y, width }: Rect,
  columns: readonly Column[],
  cells: readonly (CellText | string)[],
): void {
  let at = 0;
  for (const [index, column] of columns.entries()) {
    const cell = cells[index];
    const shown = typeof cell === "string" ? { text: cell } : cell;
    if (shown !== undefined && at < width)
      paintCell(canvas, x + at, y, { ...column, width: Math.min(column.width, width - at) }, shown);
    at += column.width + 1;
  }
}

/** Paints the names of the columns. */
export function paintHeading(canvas: Canvas, rect: Rect, columns: readonly Column[]): void {
  const names = columns.map(({ name }): CellText => ({ text: name, style: "key" }));
  paintLine(canvas, rect, columns, names);
}

function paintCell(
  canvas: Canvas,
  x: number,
  y: number,
  { width, align }: Column,
  { text, style = "text" }: CellText,
): void {
  if (text.length <= width) {
    canvas.put(align === "right" ? x + width - text.length : x, y, text, style, width);
    return;
  }
  const used = canvas.put(x, y, text, style, width);
  if (used === width && width > 4) canvas.put(x + width - 2, y, "..", style, 2);
}
