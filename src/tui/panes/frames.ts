import type { Canvas, Rect } from "../paint/canvas.ts";
import { renderClock, renderCount, renderOffset, renderSize, renderSpan } from "../paint/format.ts";
import type { FrameRow } from "../reading/frame-row.ts";
import { paintLadder } from "./ladder.ts";
import { isScanning } from "../updates/frames-list.ts";
import type { FramesState, State } from "../state.ts";
import { paintHeading, paintLine, type CellText, type Column } from "../paint/table.ts";
import type { Style } from "../paint/theme.ts";

/** Paints the frames in view, a line each; what is out of view costs nothing. */
export function paintFrames(canvas: Canvas, rect: Rect, state: State): void {
  const { frames } = state;
  const inside = canvas.frame(
    rect,
    renderTitle(frames),
    renderNote(state),
    state.focus === "frames",
  );
  if (frames.list.length === 0)
    canvas.put(inside.x + 1, inside.y + 1, renderEmpty(state), "text", inside.width - 1);
  if (frames.ladder !== null) {
    paintLadder(canvas, inside, state);
    return;
  }
  const columns = columnsFor(inside.width, state);
  paintHeading(canvas, inside, columns);
  for (let row = 1; row < inside.height; row++) {
    const entry = frames.list.entryAt(frames.top + row - 1);
    if (entry === null) break;
    const line = { ...inside, y: inside.y + row };
    const shown = state.source.row(entry);
    const cells = columns.map(({ cell }) => cell(shown, frames.top + row - 1));
    paintLine(canvas, line, columns, cells);
    if (entry === frames.selected) canvas.reverse(line.x, line.y, line.width);
  }
}

function renderTitle({ connection, filter, onlyMarked, ladder }: FramesState): string {
  const parts = [
    connection === null ? "" : ` of c${connection}`,
    onlyMarked ? " marked" : "",
    filter === null ? "" : ` where ${filter.text}`,
  ];
  return `${ladder === null ? "2 Frames" : "Ladder"}${parts.join("")}`;
}

function renderNote({ frames, recording }: State): string {
  const { list, selected, limit, scanned } = frames;
  if (limit === 0) return "";
  const position = selected === null ? 0 : list.positionOf(selected) + 1;
  const isAll = list.length === limit;
  return [
    selected === null ? "" : `#${selected}`,
    isAll ? `of ${renderCount(limit)}` : `${renderCount(position)} of ${renderCount(list.length)}`,
    isAll ? "" : `(${renderCount(limit)} in all)`,
    scanned < limit ? `${percent(scanned, limit)} scanned` : "",
    recording.readCount < recording.entryCount
      ? `${percent(recording.readCount, recording.entryCount)} read`
      : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function percent(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 100)}%`;
}

function renderEmpty(state: State): string {
  const { limit, filter, connection } = state.frames;
  if (isScanning(state)) return "looking for matches";
  if (limit === 0) return renderNothing(state);
  if (filter !== null) return `0 of ${renderCount(limit)} frames match; Esc clears the filter`;
  return connection === null
    ? "no frames to show; Esc shows all"
    : `no frames of c${connection}; Esc shows all`;
}

function renderNothing({ recording, live }: State): string {
  if (recording.complete) return "the recording holds no frames";
  if (live === null) return "no frames yet";
  const port = live.address.slice(live.address.lastIndexOf(":") + 1);
  return `no frames yet; OPENCLAW_GATEWAY_PORT=${port} sends OpenClaw's programs here`;
}

const TIME_NAMES = {
  relative: "TIME",
  clock: "TIME UTC",
  delta: "DELTA",
  latency: "LATENCY",
} as const;

interface FrameColumn extends Column {
  readonly cell: (row: FrameRow, position: number) => CellText | string;
}

function columnsFor(width: number, state: State): readonly FrameColumn[] {
  const { recording, timeMode } = state;
  const last = recording.trace.connections.at(-1)?.id ?? 0;
  const connection = Math.max(3, String(last).length + 1);
  const number = Math.max(5, String(recording.readCount).length);
  const clock = timeMode === "clock" ? 12 : 8;
  const hasNumbers = width >= 70;
  const taken = 3 + number + clock + connection + 2 + 4 + 6 + (hasNumbers ? 15 : 0);
  const result = Math.min(24, Math.max(8, Math.floor((width - taken) * 0.46)));
  const what = Math.max(8, width - taken - result - 1);
  const column = (
    name: string,
    columns: number,
    cell: FrameColumn["cell"],
    align: Column["align"] = "left",
  ): FrameColumn => ({ name, width: columns, align, cell });
  return [
    column("", 3, (row) => ({ text: flagsOf(row, state), style: styleOf(row) })),
    column("#", number, ({ entry }) => String(entry), "right"),
    column(TIME_NAMES[timeMode], clock, (row, position) => renderTime(state, row, position), "right"),
    column("CN", connection, (row) => (row.connection === 0 ? "" : `c${row.connection}`)),
    column("", 2, (row) => ({ text: row.from === null ? "" : row.from === "client" ? "->" : "<-", style: styleOf(row) })),
    column("TYPE", 4, (row) => ({ text: row.type, style: styleOf(row) })),
    column("METHOD / EVENT", what, (row) => ({ text: row.what, style: styleOf(row) })),
    ...(hasNumbers
      ? [
          column("SIZE", 7, ({ sizeBytes }) => (sizeBytes === null ? "" : renderSize(sizeBytes)), "right"),
          column("LAT", 6, ({ latencyMs }) => (latencyMs === null ? "" : renderSpan(latencyMs)), "right"),
        ]
      : []),
    column("RESULT", result, ({ result: text, problem }) => ({ text, style: problem ? "error" : "text" })),
  ];
} // prettier-ignore

function flagsOf({ entry, problem }: FrameRow, { frames, marks }: State): string {
  return `${entry === frames.selected ? ">" : " "}${problem ? "!" : " "}${marks.has(entry) ? "*" : " "}`;
}

function styleOf({ problem, type }: FrameRow): Style {
  if (problem) return "error";
  if (type === "res") return "response";
  return type === "evt" ? "event" : "text";
}

function renderTime(state: State, row: FrameRow, position: number): string {
  switch (state.timeMode) {
    case "relative":
      return renderOffset(row.atMs - state.timeReferenceMs);
    case "clock":
      return renderClock(state.recording.header.startedAt, row.atMs);
    case "delta": {
      const previous = state.frames.list.entryAt(position - 1);
      return previous === null ? "" : renderOffset(row.atMs - state.source.row(previous).atMs);
    }
    case "latency":
      return row.latencyMs === null ? "" : renderSpan(row.latencyMs);
  }
}
