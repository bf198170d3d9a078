import type { Canvas, Rect } from "../paint/canvas.ts";
import { renderClock, renderCount, renderOffset, renderSize, renderSpan } from "../paint/format.ts";
import type { FrameRow } from "../reading/frame-row.ts";
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
  const columns = columnsFor(inside.width, state);
  paintHeading(canvas, inside, columns);
  if (frames.list.length === 0) {
    canvas.put(inside.x + 1, inside.y + 1, renderEmpty(state), "text", inside.width - 1);
    return;
  }
  for (let row = 1; row < inside.height; row++) {
    const entry = frames.list.entryAt(frames.top + row - 1);
    if (entry === null) break;
    const line = { ...inside, y: inside.y + row };
    paintLine(canvas, line, columns, cellsOf(state, columns, entry, frames.top + row - 1));
    if (entry === frames.selected) canvas.reverse(line.x, line.y, line.width);
  }
}

function renderTitle({ connection, filter, onlyMarked }: FramesState): string {
  const parts = [
    connection === null ? "" : ` of c${connection}`,
    onlyMarked ? " marked" : "",
    filter === null ? "" : ` where ${filter.text}`,
  ];
  return `2 Frames${parts.join("")}`;
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

function columnsFor(width: number, { timeMode, recording }: State): readonly Column[] {
  const last = recording.trace.connections.at(-1)?.id ?? 0;
  const connection = Math.max(3, String(last).length + 1);
  const number = Math.max(5, String(recording.readCount).length);
  const fixed: readonly Column[] = [
    { name: "", width: 3, align: "left" },
    { name: "#", width: number, align: "right" },
    { name: TIME_NAMES[timeMode], width: timeMode === "clock" ? 12 : 8, align: "right" },
    { name: "CN", width: connection, align: "left" },
    { name: "", width: 2, align: "left" },
    { name: "TYPE", width: 4, align: "left" },
  ];
  const tail: readonly Column[] =
    width >= 70
      ? [
          { name: "SIZE", width: 7, align: "right" },
          { name: "LAT", width: 6, align: "right" },
        ]
      : [];
  const taken = [...fixed, ...tail].reduce((sum, column) => sum + column.width + 1, 0);
  const result = Math.min(24, Math.max(8, Math.floor((width - taken) * 0.46)));
  const method = Math.max(8, width - taken - result - 1);
  return [
    ...fixed,
    { name: "METHOD / EVENT", width: method, align: "left" },
    ...tail,
    { name: "RESULT", width: result, align: "left" },
  ];
}

function cellsOf(
  state: State,
  columns: readonly Column[],
  entry: number,
  position: number,
): readonly CellText[] {
  const row = state.source.row(entry);
  const style = styleOf(row);
  const { selected } = state.frames;
  const flags = `${entry === selected ? ">" : " "}${row.problem ? "!" : " "}${state.marks.has(entry) ? "*" : " "}`;
  const tail: readonly CellText[] = [
    { text: row.sizeBytes === null ? "" : renderSize(row.sizeBytes) },
    { text: row.latencyMs === null ? "" : renderSpan(row.latencyMs) },
  ];
  return [
    { text: flags, style },
    { text: String(entry) },
    { text: renderTime(state, row, position) },
    { text: row.connection === 0 ? "" : `c${row.connection}` },
    { text: row.from === null ? "" : row.from === "client" ? "->" : "<-", style },
    { text: row.type, style },
    { text: row.method, style },
    ...(columns.length > 8 ? tail : []),
    { text: row.result, style: row.problem ? "error" : "text" },
  ];
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
