import { jumpTo } from "./frames.ts";
import { freshScan, isSearching, restartFind } from "./frames-list.ts";
import type { FrameFilter } from "../reading/frame-filter.ts";
import type { Find, State } from "../state.ts";

/** Begins to look for what matches, and goes to the first match as soon as it is known. */
export function startFind(state: State, filter: FrameFilter): State {
  const found: Find = { filter, ...freshScan(state), wanted: 1 };
  return restartFind({ ...state, frames: { ...state.frames, found } });
}

/** Asks for the next match behind (1) or before (-1) the selected frame, round the end of the list. */
export function wantFound(state: State, step: 1 | -1): State {
  const { found } = state.frames;
  if (found === null) return { ...state, notice: "nothing to find yet: ^F" };
  return { ...state, frames: { ...state.frames, found: { ...found, wanted: step } } };
}

/** Goes to the match that was asked for, once it is known which one that is. */
export function settleFind(state: State): State {
  const { found, selected } = state.frames;
  if (found === null || found.wanted === null) return state;
  const isDone = !isSearching(state) && state.frames.scanned >= state.frames.limit;
  const target = chooseMatch(found, selected ?? 0, isDone || found.stopped);
  if (target === undefined) return state;
  const idle = { ...state, frames: { ...state.frames, found: { ...found, wanted: null } } };
  return target === null
    ? { ...idle, notice: `no match for ${found.filter.text}` }
    : jumpTo(idle, target);
}

// Undefined while it cannot be told yet, null when there is none at all.
function chooseMatch(
  { list, wanted, scanned }: Find,
  from: number,
  isDone: boolean,
): number | null | undefined {
  if (wanted === 1) {
    const next = list.entryAt(list.positionOf(from + 1));
    return next ?? (isDone ? list.entryAt(0) : undefined);
  }
  const before = list.positionOf(from) - 1;
  if (before >= 0 && (isDone || scanned >= from - 1)) return list.entryAt(before);
  return isDone ? list.entryAt(list.length - 1) : undefined;
}
