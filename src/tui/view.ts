import { Canvas, type Look, type Rect } from "./paint/canvas.ts";
import { PANES, type PaneName } from "./keymap.ts";
import { placePanes } from "./layout.ts";
import { paintFooter, paintHeader } from "./panes/bars.ts";
import { paintConnections } from "./panes/connections.ts";
import { paintDetail } from "./panes/detail.ts";
import { paintDiagnosis } from "./panes/diagnosis.ts";
import { paintFrames } from "./panes/frames.ts";
import { paintHelp } from "./panes/help.ts";
import { paintPage } from "./panes/page.ts";
import type { State } from "./state.ts";
import { THEMES } from "./paint/theme.ts";

const PAINT: Readonly<Record<PaneName, (canvas: Canvas, rect: Rect, state: State) => void>> = {
  connections: paintConnections,
  frames: paintFrames,
  diagnosis: paintDiagnosis,
  detail: paintDetail,
};

/** The whole screen of a state, as cells. */
export function paintScreen(state: State): Canvas {
  const { columns, rows } = state.size;
  const text = state.escapesAll ? "ascii" : state.charset;
  const look: Look = { theme: THEMES[state.theme], lines: state.charset, text };
  const canvas = new Canvas(columns, rows, look);
  const layout = placePanes(state);
  for (const pane of PANES) {
    const rect = layout.panes[pane];
    if (rect !== undefined) PAINT[pane](canvas, rect, state);
  }
  if (layout.hasHeader) paintHeader(canvas, state);
  paintFooter(canvas, state, layout);
  const top = layout.hasHeader ? 1 : 0;
  const whole = { x: 0, y: top, width: columns, height: rows - top - layout.footerRows };
  paintPage(canvas, whole, state);
  paintHelp(canvas, whole, state);
  return canvas;
}
