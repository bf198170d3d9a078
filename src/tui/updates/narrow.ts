import { narrow, termOfFinding, termOfLine, termOfRow } from "../lines/filter-term.ts";
import { parseFrameFilter } from "../reading/frame-filter.ts";
import type { State } from "../state.ts";
import { showFiltered } from "./frames.ts";
import { rememberLine } from "./open-prompt.ts";

/** Shows only what is like the thing under the cursor (`wanted`), or all but that; the filter that holds goes on holding. */
export function filterOnCursor(state: State, wanted: boolean): State {
  const term = termAtCursor(state);
  if (term === null) return { ...state, notice: "no filter can ask for this" };
  const text = narrow(state.frames.filter?.text ?? "", term, wanted);
  const parsed = parseFrameFilter(text, state.recording);
  return parsed.ok
    ? showFiltered(rememberLine(state, "filter", text), parsed.filter)
    : { ...state, notice: `not a filter: ${text}: ${parsed.problem.message}` };
}

function termAtCursor(state: State): string | null {
  const { focus, frames, detail, connections, diagnosis, recording, source } = state;
  switch (focus) {
    case "connections":
      return connections.selected === null ? null : `conn==c${connections.selected}`;
    case "diagnosis": {
      const finding = recording.findings[diagnosis.finding];
      return finding === undefined ? null : termOfFinding(finding);
    }
    case "detail": {
      const line = detail.lines[detail.cursor];
      return line === undefined ? null : termOfLine(line);
    }
    case "frames":
      return frames.selected === null ? null : termOfRow(source.row(frames.selected));
  }
}
