import type { Canvas } from "../canvas.ts";
import { renderCount } from "../format.ts";
import type { Layout } from "../layout.ts";
import type { State } from "../state.ts";

/** Paints the line at the top: what is shown, how much of it, and what is missing from it. */
export function paintHeader(canvas: Canvas, state: State): void {
  const { recording, frames } = state;
  const left = ` gw-trace ${renderSource(state)} ${recording.name} `;
  const right = [
    `c${recording.trace.connections.length}`,
    `f${renderCount(recording.readCount)}`,
    `err ${renderCount(recording.problems)}`,
    `drop ${renderCount(recording.dropped)}`,
    ...(recording.missing.length > 0 ? ["INCOMPLETE"] : []),
    ...(recording.header.redaction === "off" ? ["NOT REDACTED"] : []),
    ...(frames.paused ? [`PAUSED +${renderCount(recording.readCount - frames.limit)}`] : []),
    ...(frames.follow ? ["FOLLOW"] : []),
  ].join("  ");
  canvas.put(0, 0, left, "bar", state.size.columns - right.length - 2);
  canvas.put(state.size.columns - right.length - 1, 0, right, "bar", right.length);
  canvas.reverse(0, 0, state.size.columns);
}

function renderSource({ recording }: State): string {
  if (recording.growing) return "LIVE";
  return recording.complete ? "FILE" : "OPEN";
}

/** Paints the lines at the bottom: what is typed, asked or to be said, and the keys that help now. */
export function paintFooter(canvas: Canvas, state: State, { footerRows }: Layout): void {
  const { columns, rows } = state.size;
  const first = rows - footerRows;
  const said = state.prompt === null ? renderSaid(state) : renderPrompt(state);
  canvas.put(0, first, said, state.prompt?.error ? "error" : "text", columns);
  if (state.prompt !== null) paintTypingMark(canvas, state, first);
  if (footerRows === 2) canvas.put(0, rows - 1, renderHints(state), "key", columns);
}

const PROMPTS = { filter: " Filter: ", find: " Find: ", command: " :" } as const;

function renderPrompt({ prompt, frames }: State): string {
  if (prompt === null) return "";
  const count = `${renderCount(frames.list.length)} of ${renderCount(frames.limit)}`;
  const verdict = prompt.error ?? (prompt.kind === "filter" ? `valid  ${count}` : "");
  return `${PROMPTS[prompt.kind]}${prompt.text}    ${verdict}`;
}

// Reverse, since the terminal's own cursor is hidden.
function paintTypingMark(canvas: Canvas, { prompt }: State, y: number): void {
  if (prompt === null) return;
  const before = PROMPTS[prompt.kind] + prompt.text.slice(0, prompt.cursor);
  const x = canvas.put(0, y, before, prompt.error === null ? "text" : "error", canvas.columns - 1);
  canvas.reverse(x, y, 1);
}

function renderSaid({ notice, frames, recording }: State): string {
  if (notice !== "") return ` ${notice}`;
  const [missing] = recording.missing;
  if (missing !== undefined) return ` missing: ${missing}`;
  if (frames.filter !== null) return ` Filter: ${frames.filter.text}   Esc clears`;
  return " Filter: (none)   / and then:  !ok   conn==c2   method~chat";
}

function renderHints({ prompt, focus }: State): string {
  if (prompt !== null) return " Enter accept   Esc cancel";
  switch (focus) {
    case "detail":
      return " h l fold  e c all  % pair  u escapes  \\ maximise  Esc back  ? help  q back";
    case "connections":
      return " Enter frames of this one  Tab pane  ] [ problem  / filter  ? help  q quit";
    case "diagnosis":
      return " Enter evidence  ] [ problem  ^O back  4 detail  Tab pane  ? help  q quit";
    case "frames":
      return " ?help /filter ^Ffind F follow p pause t time % pair ] [ problem m mark q quit";
  }
}
