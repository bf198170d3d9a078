import type { Entry } from "../recording/entry.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { entryValue } from "./entry-value.ts";
import { buildTreeLines, Slice, type Folds, type TreeLine } from "./json-tree.ts";
import type { Action } from "./keymap.ts";
import { listHeight } from "./layout.ts";
import type { DetailState, State } from "./state.ts";

/** Shows an entry that was read. Folds made by hand hold for the next entry too. */
export function showEntry(state: State, entry: Entry): State {
  if (entry.entry !== state.frames.selected) return state;
  const value = entryValue(entry);
  const lines = buildTreeLines(value, state.detail.folds);
  return { ...state, detail: { ...state.detail, entry, value, lines, cursor: 0, top: 0 } };
}

/** Moves the cursor in the detail pane or folds what it is on; null when the action means nothing there. */
export function updateDetail(state: State, action: Action): State | null {
  const { detail } = state;
  const moved = moveCursor(detail.cursor, detail.lines.length, listHeight(state, "detail"), action);
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
