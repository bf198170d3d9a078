import type { Canvas, Rect } from "../paint/canvas.ts";
import { diagnosisLines } from "../lines/diagnosis.ts";
import type { State } from "../state.ts";

/** Paints the findings: what went wrong, why, what to do, and the entries that prove it. */
export function paintDiagnosis(canvas: Canvas, rect: Rect, state: State): void {
  const { findings } = state.recording;
  const { diagnosis, focus } = state;
  const count =
    findings.length === 0 ? "no findings" : `${diagnosis.finding + 1} of ${findings.length}`;
  const note = findings.length === 0 ? count : `${count}  ] [ next  Enter: evidence`;
  const inside = canvas.frame(rect, "3 Diagnosis", note, focus === "diagnosis");
  if (findings.length === 0)
    canvas.put(inside.x + 1, inside.y, renderNothing(state), "text", inside.width - 1);
  const lines = diagnosisLines(findings, inside.width - 1);
  for (let row = 0; row < inside.height; row++) {
    const line = lines[diagnosis.top + row];
    if (line === undefined) break;
    const y = inside.y + row;
    canvas.putSpans(inside.x + 1, y, line.spans, inside.width - 1);
    const atCursor = line.finding === diagnosis.finding && line.line === diagnosis.line;
    if (atCursor) canvas.put(inside.x, y, ">", "text", 1);
    if (atCursor && focus === "diagnosis") canvas.reverse(inside.x, y, inside.width);
  }
}

function renderNothing({ recording }: State): string {
  if (recording.readCount < recording.entryCount) return "still reading";
  return recording.readCount === 0 ? "nothing to judge yet" : "nothing wrong was found";
}
