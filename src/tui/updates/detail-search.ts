import { buildTreeLines, isContainer, unfoldedLines, type TreeLine } from "../lines/json-tree.ts";
import type { DetailState, State, TreeMatch } from "../state.ts";

/** Looks for a text in the selected frame, folded parts included, and goes to the first match from the cursor on. */
export function searchDetail(state: State, text: string): State {
  const { detail } = state;
  const matches = findInLines(unfoldedLines(detail.value), text);
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
  const folds = new Map(detail.folds);
  for (const path of match.ancestors) folds.set(path, false);
  const lines = buildTreeLines(detail.value, folds);
  const cursor = lines.findIndex(({ path }) => path === match.path);
  return { ...detail, folds, lines, cursor: Math.max(0, cursor) };
}

// Matches stand in the order of the lines; those in folded parts have no line yet.
function firstFrom({ lines, cursor }: DetailState, matches: readonly TreeMatch[]): number {
  const after = new Set(lines.slice(cursor).map(({ path }) => path));
  const at = matches.findIndex(({ path }) => after.has(path));
  return Math.max(0, at);
}

/** Where a text stands in lines, in names or in values, whatever the case; in a value that was not read yet it stands nowhere. */
export function findInLines(lines: readonly TreeLine[], text: string): readonly TreeMatch[] {
  const wanted = text.toLowerCase();
  const matches: TreeMatch[] = [];
  const open: string[] = [];
  for (const { kind, path, key, value } of wanted === "" ? [] : lines) {
    if (kind === "close") open.pop();
    else if ((key !== null && holds(key, wanted)) || (!isContainer(value) && holds(value, wanted)))
      matches.push({ path, ancestors: [...open] });
    if (kind === "open") open.push(path);
  }
  return matches;
}

function holds(value: unknown, wanted: string): boolean {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.toLowerCase().includes(wanted);
}
