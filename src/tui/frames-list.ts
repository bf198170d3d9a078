import { scrollTo } from "./cursor.ts";
import { allFrames, PickedFrames, type FrameList } from "./frame-list.ts";
import { listHeight } from "./layout.ts";
import type { FramesState, State } from "./state.ts";

// Enough for a visible first answer, little enough that no key waits for it.
const SCAN_STEP = 20_000;

/** The state with its list begun anew, after what picks its frames has changed. */
export function restartList(state: State, change: Partial<FramesState>): State {
  const frames = { ...state.frames, ...change, list: PickedFrames.none, scanned: 0 };
  return { ...state, frames };
}

/** True while entries wait for the filter. */
export function isScanning({ frames }: State): boolean {
  return frames.scanned < frames.limit;
}

/** Takes more entries into the list, keeps selection and follow, and scrolls to the selection. */
export function settleFrames(state: State): State {
  const limit = state.frames.paused ? state.frames.limit : state.recording.readCount;
  const frames = scan(state, { ...state.frames, limit });
  const selected = select(frames);
  const height = listHeight(state, "frames");
  const position = selected === null ? 0 : frames.list.positionOf(selected);
  const top = scrollTo(frames.top, position, height, frames.list.length);
  return { ...state, frames: { ...frames, selected, top } };
}

function scan(state: State, frames: FramesState): FramesState {
  const { connection, filter, onlyMarked, limit, scanned, list } = frames;
  if (connection === null && filter === null && !onlyMarked)
    return list.length === limit && scanned === limit
      ? frames
      : { ...frames, list: allFrames(limit), scanned: limit };
  if (scanned >= limit) return frames;
  const picked: number[] = [];
  const end = Math.min(limit, scanned + SCAN_STEP);
  for (let entry = scanned + 1; entry <= end; entry++) {
    if (connection !== null && state.source.connectionOf(entry) !== connection) continue;
    if (onlyMarked && !state.marks.has(entry)) continue;
    if (filter === null || filter.matches(state.source.row(entry))) picked.push(entry);
  }
  return { ...frames, list: extend(list, picked), scanned: end };
}

function extend(list: FrameList, picked: readonly number[]): FrameList {
  return (list instanceof PickedFrames ? list : PickedFrames.none).append(picked);
}

// The chosen entry while it is in the list; else the next one, or the last.
function select({ list, follow, chosen, scanned, limit }: FramesState): number | null {
  if (list.length === 0) return scanned < limit ? chosen : null;
  if (follow) return list.entryAt(list.length - 1);
  if (chosen === null) return list.entryAt(0);
  if (chosen > scanned) return chosen;
  return list.entryAt(list.positionOf(chosen)) ?? list.entryAt(list.length - 1);
}
