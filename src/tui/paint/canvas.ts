import { toClusters, type Charset } from "./clusters.ts";
import { PLAIN, REVERSE, type Style, type Theme } from "./theme.ts";

/** A part of the screen, in cells. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One painted cell. A cluster two columns wide is followed by a cell whose text is empty. */
export interface PaintedCell {
  text: string;
  attributes: number;
}

/** Text with one meaning; several make a line. */
export type Span = readonly [text: string, style?: Style];

/** How a canvas paints: its colours, and which characters it may use for frames and for text. */
export interface Look {
  readonly theme: Theme;
  readonly lines: Charset;
  readonly text: Charset;
}

const ASCII = /^[\x20-\x7e]*$/;

const LINES = {
  unicode: { horizontal: "─", vertical: "│", corners: ["┌", "┐", "└", "┘"] },
  ascii: { horizontal: "-", vertical: "|", corners: ["+", "+", "+", "+"] },
} as const;

/** A grid of cells to paint on, the size of the terminal. All text that enters it is made safe on the way. */
export class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly cells: readonly (readonly PaintedCell[])[];
  private readonly look: Look;

  constructor(columns: number, rows: number, look: Look) {
    this.columns = columns;
    this.rows = rows;
    this.look = look;
    this.cells = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => ({ text: " ", attributes: PLAIN })),
    );
  }

  /** Paints text from (x, y) on, at most `width` columns of it; returns the columns used. */
  put(x: number, y: number, text: string, style: Style, width: number): number {
    const line = this.cells[y];
    const room = Math.min(width, this.columns - x);
    if (line === undefined || room <= 0 || x < 0) return 0;
    const shown = text.length > room * 32 ? text.slice(0, room * 32) : text;
    const attributes = this.look.theme[style];
    if (ASCII.test(shown)) return putAscii(line, x, shown.slice(0, room), attributes);
    let used = 0;
    for (const cluster of toClusters(shown, room, this.look.text)) {
      const look = cluster.escaped ? attributes ^ REVERSE : attributes;
      setCell(line, x + used, cluster.text, look);
      if (cluster.width === 2) setCell(line, x + used + 1, "", look);
      used += cluster.width;
    }
    return used;
  }

  /** Paints spans one after the other; returns the columns used. */
  putSpans(x: number, y: number, spans: readonly Span[], width: number): number {
    let used = 0;
    for (const [text, style] of spans)
      used += this.put(x + used, y, text, style ?? "text", width - used);
    return used;
  }

  /** Swaps foreground and background in a row of cells. */
  reverse(x: number, y: number, width: number): void {
    for (const cell of this.cells[y]?.slice(x, x + width) ?? []) cell.attributes ^= REVERSE;
  }

  /** Paints a frame with a title on the left and a note on the right of its upper edge; empties the inside and returns it. */
  frame(rect: Rect, title: string, note: string, focused: boolean): Rect {
    const { x, y, width, height } = rect;
    const { horizontal, vertical, corners } = LINES[this.look.lines];
    const style = focused ? "focus" : "title";
    this.edge(x, y, width, [corners[0], horizontal, corners[1]], style);
    for (let row = 1; row < height - 1; row++)
      this.edge(x, y + row, width, [vertical, " ", vertical], style);
    if (height > 1)
      this.edge(x, y + height - 1, width, [corners[2], horizontal, corners[3]], style);
    const room = width - 4;
    const used = this.put(x + 2, y, title === "" ? "" : ` ${title} `, style, room);
    if (focused) this.reverse(x + 2, y, used);
    const noteWidth = note === "" ? 0 : note.length + 2;
    if (noteWidth > 0 && noteWidth <= room - used)
      this.put(x + width - 2 - noteWidth, y, ` ${note} `, style, noteWidth);
    return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
  }

  private edge(
    x: number,
    y: number,
    width: number,
    [left, middle, right]: readonly [string, string, string],
    style: Style,
  ): void {
    const line = this.cells[y];
    if (line === undefined) return;
    for (let column = 0; column < width; column++) {
      const text = column === 0 ? left : column === width - 1 ? right : middle;
      setCell(line, x + column, text, this.look.theme[style]);
    }
  }
}

function putAscii(line: readonly PaintedCell[], x: number, text: string, look: number): number {
  for (let index = 0; index < text.length; index++)
    setCell(line, x + index, text.charAt(index), look);
  return text.length;
}

function setCell(line: readonly PaintedCell[], x: number, text: string, attributes: number): void {
  const cell = line[x];
  if (cell === undefined) return;
  cell.text = text;
  cell.attributes = attributes;
}
