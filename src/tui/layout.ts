import type { Rect } from "./paint/canvas.ts";
import { diagnosisLines } from "./lines/diagnosis.ts";
import type { PaneName } from "./keymap.ts";
import type { PaneSizes, State } from "./state.ts";

/** Where each pane stands; a pane that is not shown has no place. The first and the last two lines belong to the bars. */
export interface Layout {
  readonly panes: Readonly<Partial<Record<PaneName, Rect>>>;
  /** Lines below the panes: two, or one on the smallest screens. */
  readonly footerRows: 1 | 2;
  readonly hasHeader: boolean;
}

/** What decides about the layout besides the size. */
export interface LayoutWishes
  extends PaneSizes, Pick<State, "focus" | "shared" | "hidesDiagnosis" | "maximised"> {
  /** Connections, and lines of findings, that there are, for panes no larger than what they hold. */
  readonly connections: number;
  readonly findingLines: number;
}

/** Where the panes of that state stand. */
export function placePanes(state: State): Layout {
  const { size, recording, sizes } = state;
  const connections = recording.trace.connections.length;
  const findingLines = diagnosisLines(recording.findings, size.columns - 3).length;
  return layOut(size.columns, size.rows, { ...state, ...sizes, connections, findingLines });
}

/** The lines that a pane has for its list, without border and heading; 0 when it is not shown. */
export function listHeight(state: State, pane: PaneName): number {
  const rect = placePanes(state).panes[pane];
  return rect === undefined ? 0 : Math.max(0, rect.height - 2 - HEADING_ROWS[pane]);
}

// Column names over connections and frames; the path line over the detail.
const HEADING_ROWS: Readonly<Record<PaneName, number>> = {
  connections: 1,
  frames: 1,
  diagnosis: 0,
  detail: 1,
};

/** Lays the panes out: side by side from 120x36, stacked from 80x24 and 60x16, below that only the one with the focus. */
export function layOut(columns: number, rows: number, wishes: LayoutWishes): Layout {
  if (columns < 60 || rows < 16) {
    const whole = { x: 0, y: 0, width: columns, height: Math.max(0, rows - 1) };
    return { panes: { [wishes.focus]: whole }, footerRows: 1, hasHeader: false };
  }
  const middle = { x: 0, y: 1, width: columns, height: rows - 3 };
  const panes = wishes.maximised ? { [wishes.focus]: middle } : arrange(middle, wishes);
  return { panes, footerRows: 2, hasHeader: true };
}

function arrange(space: Rect, wishes: LayoutWishes): Layout["panes"] {
  if (space.width >= 120 && space.height >= 33) return arrangeLarge(space, wishes);
  if (space.width >= 80 && space.height >= 21) return arrangeMedium(space, wishes);
  return arrangeSmall(space, wishes);
}

function arrangeLarge(space: Rect, wishes: LayoutWishes): Layout["panes"] {
  const { connections, findingLines, lower: more, stacked } = wishes;
  const top = clamp(connections + 3, 5, Math.floor(space.height / 4));
  const wanted = clamp(findingLines + 2, 3, Math.floor(space.height / 3));
  const bottom = wishes.hidesDiagnosis ? 0 : clamp(wanted + more, 3, space.height - top - 8);
  const [upper, rest] = splitRows(space, top);
  const [middle, lower] = splitRows(rest, rest.height - bottom);
  const diagnosis = bottom === 0 ? {} : { diagnosis: lower };
  if (stacked) {
    const [above, below] = splitRows(middle, Math.floor(middle.height / 2));
    return { connections: upper, frames: above, detail: below, ...diagnosis };
  }
  const [left, right] = splitColumns(middle, Math.floor(middle.width * 0.67));
  return { connections: upper, frames: left, detail: right, ...diagnosis };
}

function arrangeMedium(space: Rect, wishes: LayoutWishes): Layout["panes"] {
  const { connections, focus, shared, lower: more } = wishes;
  const [upper, rest] = splitRows(space, clamp(connections + 3, 4, 6));
  if (isLowerHidden(wishes)) return { connections: upper, frames: rest };
  // Who reads in the lower pane gets more of it.
  const share = focus === shared ? 0.4 : 0.5;
  const [middle, lower] = splitRows(
    rest,
    clamp(Math.ceil(rest.height * share) - more, 4, rest.height - 3),
  );
  return { connections: upper, frames: middle, [shared]: lower };
}

// Connections take the place of the frames while they have the focus.
function arrangeSmall(space: Rect, wishes: LayoutWishes): Layout["panes"] {
  const { focus, shared, lower: more } = wishes;
  const main = focus === "connections" ? "connections" : "frames";
  if (isLowerHidden(wishes)) return { [main]: space };
  const half = Math.ceil(space.height * 0.5) - more;
  const [upper, lower] = splitRows(space, clamp(half, 4, space.height - 3));
  return { [main]: upper, [shared]: lower };
}

function isLowerHidden({ hidesDiagnosis, shared }: LayoutWishes): boolean {
  return hidesDiagnosis && shared === "diagnosis";
}

function splitRows(rect: Rect, height: number): readonly [Rect, Rect] {
  return [
    { ...rect, height },
    { ...rect, y: rect.y + height, height: rect.height - height },
  ];
}

function splitColumns(rect: Rect, width: number): readonly [Rect, Rect] {
  return [
    { ...rect, width },
    { ...rect, x: rect.x + width, width: rect.width - width },
  ];
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
