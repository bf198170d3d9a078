import { findInTree } from "../lines/find-in-tree.ts";
import { buildTreeLines, type TreeLine } from "../lines/json-tree.ts";
import type { TreeMatch } from "../lines/find-in-tree.ts";
import type { DetailState, State } from "../state.ts";

/** Looks for a text in the selected frame, folded parts included, and goes to the first match from the cursor on. */
export function searchDetail(state: State, text: string): State {
  const { detail } = state;
  const matches =
    detail.view === "tree" ? findInTree(detail.value, text) : findInLines(detail.lines, text);
  if (matches.length === 0)
    return {
      ...state,
      detail: { ...detail, search: text === "" ? null : { text, matches, at: -1 } },
    };
  const at = firstFrom(detail, matches);
  return { ...state, detail: goTo({ ...detail, search: { text, matches, at } }, at) };
}

/** Goes to the next (1) or the previous (-1) match of the last search in the frame, round its end. */
export function nextInDetail(state: State, step: 1 | -1): State {
  const { search } = state.detail;
  const count = search?.matches.length ?? 0;
  if (search === null || count === 0) return { ...state, notice: "no match in this frame" };
  const at = (search.at + step + count) % count;
  return { ...state, detail: goTo({ ...state.detail, search: { ...search, at } }, at) };
}

function goTo(detail: DetailState, at: number): DetailState {
  const match = detail.search?.matches[at];
  if (match === undefined) return detail;
  const cursorIn = (lines: readonly TreeLine[]): number =>
    Math.max(
      0,
      lines.findIndex(({ path }) => path === match.path),
    );
  if (detail.view !== "tree") return { ...detail, cursor: cursorIn(detail.lines) };
  const folds = new Map(detail.folds);
  for (const path of match.ancestors) folds.set(path, false);
  const lines = buildTreeLines(detail.value, folds);
  return { ...detail, folds, lines, cursor: cursorIn(lines) };
}

// Matches stand in the order of the lines; those in folded parts have no line yet.
function firstFrom({ lines, cursor }: DetailState, matches: readonly TreeMatch[]): number {
  const after = new Set(lines.slice(cursor).map(({ path }) => path));
  const at = matches.findIndex(({ path }) => after.has(path));
  return Math.max(0, at);
}

function findInLines(lines: readonly TreeLine[], text: string): readonly TreeMatch[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  return lines
    .filter(({ value }) => String(value).toLowerCase().includes(wanted))
    .map(({ path }) => ({ path, ancestors: [] }));
}
