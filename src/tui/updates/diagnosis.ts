import type { Finding } from "../../findings/finding.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { diagnosisLines } from "../lines/diagnosis.ts";
import { jumpTo, jumpToNext } from "./frames.ts";
import type { Action } from "../keymap.ts";
import { listHeight, placePanes } from "../layout.ts";
import type { State } from "../state.ts";

/** Moves in the diagnosis pane, or shows the evidence of the finding under the cursor; null when the action means nothing there. */
export function updateDiagnosis(state: State, action: Action): State | null {
  if (action === "open") return showEvidence(state);
  const lines = linesOf(state);
  const moved = moveCursor(cursorOf(state), lines.length, listHeight(state, "diagnosis"), action);
  if (moved === null) return null;
  const line = lines[moved];
  if (line === undefined) return state;
  const evidence = line.finding === state.diagnosis.finding ? state.diagnosis.evidence : 0;
  return {
    ...state,
    diagnosis: { ...state.diagnosis, finding: line.finding, line: line.line, evidence },
  };
}

/** Goes to the next finding and its evidence; where there are no findings, to the next frame with a problem. */
export function jumpToProblem(state: State, step: 1 | -1): State {
  const { findings } = state.recording;
  if (findings.length === 0)
    return jumpToNext(state, step, (entry) => state.source.isProblem(entry), "problem");
  // The first press shows the finding that the cursor is on already.
  const { finding, evidence } = state.diagnosis;
  const next = evidence === 0 ? finding : (finding + step + findings.length) % findings.length;
  return showFinding(state, next);
}

/** Puts the cursor on a finding and selects the frame that shows it best. */
export function showFinding(state: State, index: number): State {
  const finding = state.recording.findings[index];
  if (finding === undefined) return state;
  const diagnosis = { ...state.diagnosis, finding: index, line: 0, evidence: 1 };
  const best = bestEvidence(state, finding);
  const shown = { ...state, diagnosis };
  return best === null ? { ...shown, notice: "this finding names no entry" } : jumpTo(shown, best);
}

/** Keeps the cursor on a line that exists and in view. */
export function settleDiagnosis(state: State): State {
  const lines = linesOf(state);
  const cursor = cursorOf(state);
  const { finding, line } = lines[cursor] ?? { finding: 0, line: 0 };
  const height = listHeight(state, "diagnosis");
  // A finding that one comes to is shown whole where it fits, else from its top.
  const end = lines.findLastIndex((other) => other.finding === finding);
  const isWhole = end - cursor < height;
  const scrolled = scrollTo(
    state.diagnosis.top,
    line === 0 && isWhole ? end : cursor,
    height,
    lines.length,
  );
  const top = line === 0 && !isWhole ? cursor : Math.min(scrolled, cursor);
  return { ...state, diagnosis: { ...state.diagnosis, finding, line, top } };
}

function showEvidence(state: State): State {
  const { finding: index, evidence } = state.diagnosis;
  const finding = state.recording.findings[index];
  if (finding === undefined || finding.evidence.length === 0)
    return { ...state, notice: "this finding names no entry" };
  const entry = finding.evidence[evidence % finding.evidence.length];
  const next = { ...state, diagnosis: { ...state.diagnosis, evidence: evidence + 1 } };
  return entry === undefined ? next : jumpTo(next, entry);
}

function bestEvidence(state: State, { evidence }: Finding): number | null {
  return evidence.find((entry) => state.source.isProblem(entry)) ?? evidence[0] ?? null;
}

function linesOf(state: State): ReturnType<typeof diagnosisLines> {
  const rect = placePanes(state).panes.diagnosis;
  return diagnosisLines(state.recording.findings, rect === undefined ? 78 : rect.width - 3);
}

function cursorOf(state: State): number {
  const { finding, line } = state.diagnosis;
  const lines = linesOf(state);
  const start = lines.findIndex((other) => other.finding === finding);
  if (start < 0) return 0;
  const length = lines.filter((other) => other.finding === finding).length;
  return start + Math.min(line, length - 1);
}
