import type { Entry } from "../../recording/entry.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { searchDetail } from "./detail-search.ts";
import { wrap } from "../lines/diagnosis.ts";
import { entryBytes, entryValue } from "../../views/entry-value.ts";
import { buildTreeLines, rawLines, Slice, type Folds, type TreeLine } from "../lines/json-tree.ts";
import type { Action } from "../keymap.ts";
import { listHeight, placePanes } from "../layout.ts";
import type { DetailState, State } from "../state.ts";

/** Shows an entry that was read. Folds made by hand hold for the next entry too. */
export function showEntry(state: State, entry: Entry): State {
  if (entry.entry !== state.frames.selected) return state;
  const { detail } = state;
  const value = entryValue(entry);
  const shown: DetailState = { ...detail, entry, value, cursor: 0, top: 0, treeCursor: 0 };
  const next = { ...state, detail: showAgain(shown, detail.view) };
  const text = detail.search?.text;
  // What was looked for in one frame is looked for in the next; the cursor goes there by n only.
  if (text === undefined || next.detail.view !== "tree") return next;
  const { search } = searchDetail(next, text).detail;
  return {
    ...next,
    detail: { ...next.detail, search: search === null ? null : { ...search, at: -1 } },
  };
}

/** Shows the bytes of the selected frame, or its tree again. */
export function toggleBytes(state: State): State {
  const { detail } = state;
  if (detail.view === "bytes") return { ...state, detail: showAgain(detail, "tree") };
  if (detail.entry === null || entryBytes(detail.entry) === null)
    return { ...state, notice: "this entry has no bytes to show" };
  return { ...state, detail: showAgain(detail, "bytes") };
}

/** Shows the tree again, where bytes or one value are shown; null where the tree is shown already. */
export function leaveDetailView(state: State): State | null {
  const { detail } = state;
  return detail.view === "tree" ? null : { ...state, detail: showAgain(detail, "tree") };
}

function showAgain(detail: DetailState, view: DetailState["view"]): DetailState {
  const bytes = view === "bytes" && detail.entry !== null ? entryBytes(detail.entry) : null;
  const search = detail.view === view ? detail.search : null;
  if (bytes !== null) {
    const treeCursor = detail.view === "tree" ? detail.cursor : detail.treeCursor;
    const lines = rawLines(bytes);
    return { ...detail, view: "bytes", lines, cursor: 0, top: 0, treeCursor, search };
  }
  const lines = buildTreeLines(detail.value, detail.folds);
  const cursor = detail.view === "tree" ? detail.cursor : detail.treeCursor;
  return { ...detail, view: "tree", lines, cursor, search };
}

const MAX_VALUE_CHARACTERS = 1_000_000;

// The whole of a text, with its line ends, in lines as wide as the pane.
function openValue(state: State, { value }: TreeLine): State {
  const { detail } = state;
  const width = (placePanes(state).panes.detail?.width ?? 80) - 5;
  const lines = String(value)
    .slice(0, MAX_VALUE_CHARACTERS)
    .split(/\r?\n/)
    .flatMap((line) => wrap(line, width));
  return {
    ...state,
    detail: {
      ...detail,
      view: "value",
      lines: rawLines(lines),
      treeCursor: detail.cursor,
      cursor: 0,
      top: 0,
      search: null,
    },
  };
}

/** Moves the cursor in the detail pane or folds what it is on; null when the action means nothing there. */
export function updateDetail(state: State, action: Action): State | null {
  const { detail } = state;
  const moved = moveCursor(detail.cursor, detail.lines.length, listHeight(state, "detail"), action);
  if (moved === null && detail.view !== "tree") return leaveRaw(state, action);
  const line = detail.lines[detail.cursor];
  if (action === "open" && line?.kind === "leaf") return openValue(state, line);
  const next = moved === null ? fold(detail, action) : { ...detail, cursor: moved };
  return next === null ? null : { ...state, detail: next };
}

/** Scrolls the detail pane to its cursor. */
export function settleDetail(state: State): State {
  const { detail } = state;
  const cursor = Math.max(0, Math.min(detail.cursor, detail.lines.length - 1));
  const top = scrollTo(detail.top, cursor, listHeight(state, "detail"), detail.lines.length);
  return { ...state, detail: { ...detail, cursor, top } };
}

function leaveRaw(state: State, action: Action): State | null {
  return action === "open" || action === "fold" ? leaveDetailView(state) : null;
}

function fold(detail: DetailState, action: Action): DetailState | null {
  const line = detail.lines[detail.cursor];
  switch (action) {
    case "open":
      return line === undefined || line.kind === "leaf"
        ? detail
        : setFold(detail, line, line.kind !== "folded");
    case "fold":
      return line?.kind === "open" || line?.kind === "close"
        ? setFold(detail, line, true)
        : goToParent(detail);
    case "unfold":
      if (line?.kind === "folded") return setFold(detail, line, false);
      return line?.kind === "open" ? { ...detail, cursor: detail.cursor + 1 } : detail;
    case "unfold-all":
      return rebuild(detail, foldAll(detail.value, false));
    case "fold-all":
      return rebuild(detail, foldAll(detail.value, true));
    default:
      return null;
  }
}

function setFold(detail: DetailState, { path }: TreeLine, folded: boolean): DetailState {
  const next = rebuild(detail, new Map(detail.folds).set(path, folded));
  return { ...next, cursor: next.lines.findIndex((line) => line.path === path) };
}

function goToParent(detail: DetailState): DetailState {
  const depth = detail.lines[detail.cursor]?.depth ?? 0;
  let cursor = detail.cursor;
  while (cursor > 0 && (detail.lines[cursor]?.depth ?? 0) >= depth) cursor--;
  return { ...detail, cursor };
}

function rebuild(detail: DetailState, folds: Folds): DetailState {
  return { ...detail, folds, lines: buildTreeLines(detail.value, folds) };
}

// A message may hold a million values: unfolding all stops when enough is open.
const MAX_UNFOLDED_LINES = 20_000;

function foldAll(value: unknown, folded: boolean): Folds {
  const folds = new Map<string, boolean>([["$", false]]);
  for (;;) {
    const lines = buildTreeLines(value, folds);
    const wanted = lines.filter(
      ({ kind, path, value: container }) =>
        kind === (folded ? "open" : "folded") && !(container instanceof Slice) && !folds.has(path),
    );
    if (wanted.length === 0 || lines.length > MAX_UNFOLDED_LINES) return folds;
    for (const { path } of wanted) folds.set(path, folded);
  }
}
