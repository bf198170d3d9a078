import type { Canvas, Rect, Span } from "../paint/canvas.ts";
import { renderSize } from "../paint/format.ts";
import { memberCount, type TreeLine } from "../lines/json-tree.ts";
import type { DetailState, State } from "../state.ts";
import type { Style } from "../paint/theme.ts";

/** Paints the selected frame as a foldable tree, under a line that says where it belongs. */
export function paintDetail(canvas: Canvas, rect: Rect, state: State): void {
  const { detail, focus } = state;
  const title = `4 Detail${renderSubject(state)}`;
  const note = renderNote(detail);
  const inside = canvas.frame(rect, title, note, focus === "detail");
  canvas.putSpans(inside.x + 1, inside.y, pathSpans(state), inside.width - 1);
  if (detail.entry?.entry !== state.frames.selected) {
    canvas.put(inside.x + 1, inside.y + 1, renderAbsence(state), "text", inside.width - 1);
    return;
  }
  for (let row = 1; row < inside.height; row++) {
    const index = detail.top + row - 1;
    const line = detail.lines[index];
    if (line === undefined) break;
    const y = inside.y + row;
    const spans = treeSpans(line, index === detail.cursor, inside.width);
    const used = canvas.putSpans(inside.x, y, spans, inside.width);
    if (used === inside.width && line.kind !== "raw")
      canvas.put(inside.x + used - 2, y, "..", "key", 2);
    if (index === detail.cursor && focus === "detail") canvas.reverse(inside.x, y, inside.width);
  }
}

function renderNote({ lines, cursor, search }: DetailState): string {
  const position = lines.length === 0 ? "" : `${cursor + 1}/${lines.length}`;
  if (search === null) return position;
  const { matches, at } = search;
  return matches.length === 0
    ? `no "${search.text}"  ${position}`
    : `match ${at + 1} of ${matches.length}  ${position}`;
}

function renderAbsence({ frames, source }: State): string {
  if (frames.selected === null) return "";
  return source.row(frames.selected).type === "lost" ? "this entry is lost" : "reading";
}

function renderSubject({ frames, source }: State): string {
  if (frames.selected === null) return "";
  const { entry, type, what } = source.row(frames.selected);
  return `  #${entry} ${type} ${what}`.trimEnd();
}

// Connection, request, response, then the place of the cursor in the message.
function pathSpans({ frames, source, recording, detail }: State): readonly Span[] {
  if (frames.selected === null) return [["no frame selected"]];
  const row = source.row(frames.selected);
  const connection = recording.trace.connections.find(({ id }) => id === row.connection);
  const client = connection?.handshake.connect?.client.id ?? "";
  const pair = row.pair === null ? "" : ` % #${row.pair}`;
  const size = row.sizeBytes === null ? "" : `  ${renderSize(row.sizeBytes)}`;
  const redacted = isRedacted(detail.entry) ? "  redacted" : "";
  const line = detail.lines[detail.cursor];
  const path = line?.path ?? "$";
  const text = line?.kind === "leaf" && typeof line.value === "string" ? line.value : "";
  return [
    [`c${row.connection} ${client} > #${row.entry}${pair}${size}${redacted}  `, "key"],
    [path],
    [text.length > 40 ? `  (${text.length} characters, Enter: all)` : "", "key"],
  ];
}

function isRedacted(entry: State["detail"]["entry"]): boolean {
  return entry !== null && "redacted" in entry && entry.redacted;
}

function treeSpans(
  { depth, key, kind, value, last }: TreeLine,
  atCursor: boolean,
  width: number,
): readonly Span[] {
  if (kind === "raw") return [[`${atCursor ? ">" : " "} `], [String(value)]];
  const fold = kind === "folded" ? "+" : kind === "open" && depth > 0 ? "-" : " ";
  const indent = `${atCursor ? ">" : " "}${fold} ${"  ".repeat(Math.min(depth, 40))}`;
  const name: readonly Span[] = key === null ? [] : [[`${quote(key, width)}: `, "key"]];
  const comma = last || kind === "open" ? "" : ",";
  return [[indent], ...name, [renderValue(kind, value, width), styleOf(kind, value)], [comma]];
}

function styleOf(kind: TreeLine["kind"], value: unknown): Style {
  return kind === "leaf" && typeof value === "string" ? "ok" : "text";
}

function renderValue(kind: TreeLine["kind"], value: unknown, width: number): string {
  if (typeof value === "string") return quote(value, width);
  if (typeof value !== "object" || value === null) return String(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  switch (kind) {
    case "open":
      return open;
    case "close":
      return close;
    case "leaf":
    case "raw":
      return open + close;
    case "folded":
      return `${open} ${renderMembers(value, isList)} ${close}`;
  }
}

function renderMembers(value: object, isList: boolean): string {
  const count = memberCount(value);
  const noun = isList ? "item" : "key";
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// Cut first: a string may be megabytes, the line is not.
function quote(text: string, width: number): string {
  return JSON.stringify(text.length > width * 4 ? text.slice(0, width * 4) : text);
}
