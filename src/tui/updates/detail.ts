import type { Entry } from "../../recording/entry.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { searchDetail } from "./detail-search.ts";
import { entryBytes, entryValue } from "../../views/entry-value.ts";
import { buildTreeLines, unfoldedLines, type Folds, type TreeLine } from "../lines/json-tree.ts";
import type { Action } from "../keymap.ts";
import { listHeight } from "../layout.ts";
import { openText } from "./page.ts";
import type { DetailState, State } from "../state.ts";

/** Shows an entry that was read. Folds made by hand hold for the next entry too. */
export function showEntry(state: State, entry: Entry): State {
  if (entry.entry !== state.frames.selected) return state;
  const value = entryValue(entry);
  const lines = buildTreeLines(value, state.detail.folds);
  const next = { ...state, detail: { ...state.detail, entry, value, lines, cursor: 0, top: 0 } };
  const text = next.detail.search?.text;
  // What was looked for in one frame is looked for in the next; the cursor goes there by n only.
  if (text === undefined) return next;
  const { search } = searchDetail(next, text).detail;
  return {
    ...next,
    detail: { ...next.detail, search: search === null ? null : { ...search, at: -1 } },
  };
}

/** Shows the bytes of the selected frame over the panes. */
export function openBytes(state: State): State {
  const { entry } = state.detail;
  const lines = entry === null ? null : entryBytes(entry);
  return entry === null || lines === null
    ? { ...state, notice: "this entry has no bytes to show" }
    : openText(state, `Bytes of #${entry.entry}`, lines.join("\n"));
}

const MAX_VALUE_CHARACTERS = 1_000_000;

// The whole of a text, with its line ends.
function openValue(state: State, { path, value }: TreeLine): State {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return openText(state, path, text.slice(0, MAX_VALUE_CHARACTERS));
}

/** Moves the cursor in the detail pane or folds what it is on; null when the action means nothing there. */
export function updateDetail(state: State, action: Action): State | null {
  const { detail } = state;
  const moved = moveCursor(detail.cursor, detail.lines.length, listHeight(state, "detail"), action);
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

function foldAll(value: unknown, folded: boolean): Folds {
  const containers = unfoldedLines(value).filter(({ kind }) => kind === "open");
  return new Map([...containers.map(({ path }) => [path, folded] as const), ["$", false]]);
}
