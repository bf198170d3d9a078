import { matchesFilter } from "../../filter/filter.ts";
import { scrollTo } from "./cursor.ts";
import type { FrameFilter } from "../reading/frame-filter.ts";
import { allFrames, PickedFrames, type FrameList } from "../reading/frame-list.ts";
import { listHeight } from "../layout.ts";
import { RowSubjects } from "../reading/row-subjects.ts";
import type { Find, FramesState, State } from "../state.ts";

// Enough for a visible first answer, little enough that no key waits for it.
const SCAN_STEP = 5000;

/** The state with its list begun anew, after what picks its frames has changed. */
export function restartList(state: State, change: Partial<FramesState>): State {
  const fresh = { list: PickedFrames.none, scanned: 0, stopped: false, scanId: state.scans };
  const frames = { ...state.frames, ...change, ...fresh };
  return restartFind({ ...state, scans: state.scans + 1, frames });
}

/** The state with its search begun anew: it looks through the frames that are shown. */
export function restartFind(state: State): State {
  const { found } = state.frames;
  if (found === null) return state;
  const fresh = { list: PickedFrames.none, scanned: 0, stopped: false, id: state.scans };
  const frames = { ...state.frames, found: { ...found, ...fresh } };
  return { ...state, scans: state.scans + 1, frames };
}

/** True while entries wait for the filter. */
export function isScanning({ frames }: Pick<State, "frames">): boolean {
  return frames.scanned < frames.limit && !frames.stopped;
}

/** True while frames that are shown wait to be searched. */
export function isSearching({ frames }: State): boolean {
  const { found, scanned } = frames;
  return found !== null && !found.stopped && found.scanned < scanned;
}

/** Takes more entries into the list, keeps selection and follow, and scrolls to the selection. */
export function settleFrames(state: State): State {
  const limit = state.frames.paused ? state.frames.limit : state.recording.readCount;
  const listed = scanList(state, { ...state.frames, limit });
  const frames = { ...listed, found: scanFound(state, listed) };
  const selected = select(frames);
  const height = listHeight(state, "frames");
  const position = selected === null ? 0 : frames.list.positionOf(selected);
  const top = scrollTo(frames.top, position, height, frames.list.length);
  return { ...state, frames: { ...frames, selected, top } };
}

/** Takes in entries up to `through` that were matched by their bodies, unless their scan is over. */
export function takeMatches(
  state: State,
  {
    scan,
    through,
    entries,
  }: { readonly scan: number; readonly through: number; readonly entries: readonly number[] },
): State {
  const { frames } = state;
  if (frames.scanId === scan) {
    const picked = entries.filter((entry) => isWanted(state, frames, entry));
    return {
      ...state,
      frames: { ...frames, list: extend(frames.list, picked), scanned: through },
    };
  }
  if (frames.found?.id !== scan) return state;
  const picked = entries.filter((entry) => isListed(frames, entry));
  const found = {
    ...frames.found,
    list: extend(frames.found.list, picked),
    scanned: Math.min(through, frames.scanned),
  };
  return { ...state, frames: { ...frames, found } };
}

/** True when that entry is in the list, as far as the list is made. */
function isListed({ list }: FramesState, entry: number): boolean {
  return !(list instanceof PickedFrames) || list.entryAt(list.positionOf(entry)) === entry;
}

function scanList(state: State, frames: FramesState): FramesState {
  const { connection, filter, onlyMarked, limit, scanned, list } = frames;
  if (connection === null && filter === null && !onlyMarked)
    return list.length === limit && scanned === limit
      ? frames
      : { ...frames, list: allFrames(limit), scanned: limit };
  if (!isScanning({ frames }) || filter?.readsBodies === true) return frames;
  const matches = matcherOf(state, filter);
  const end = Math.min(limit, scanned + SCAN_STEP);
  const picked = pickBetween(
    scanned + 1,
    end,
    (entry) => isWanted(state, frames, entry) && matches(entry),
  );
  return { ...frames, list: extend(list, picked), scanned: end };
}

function scanFound(state: State, frames: FramesState): Find | null {
  const { found, scanned } = frames;
  if (found === null || found.stopped || found.filter.readsBodies || found.scanned >= scanned)
    return found;
  const matches = matcherOf(state, found.filter);
  const end = Math.min(scanned, found.scanned + SCAN_STEP);
  const picked = pickBetween(
    found.scanned + 1,
    end,
    (entry) => isListed(frames, entry) && matches(entry),
  );
  return { ...found, list: extend(found.list, picked), scanned: end };
}

function pickBetween(first: number, last: number, wanted: (entry: number) => boolean): number[] {
  const picked: number[] = [];
  for (let entry = first; entry <= last; entry++) if (wanted(entry)) picked.push(entry);
  return picked;
}

function isWanted(state: State, { connection, onlyMarked }: FramesState, entry: number): boolean {
  if (connection !== null && state.source.connectionOf(entry) !== connection) return false;
  return !onlyMarked || state.marks.has(entry);
}

function matcherOf(
  { recording, source }: State,
  filter: FrameFilter | null,
): (entry: number) => boolean {
  if (filter === null) return () => true;
  const subjects = new RowSubjects(recording);
  return (entry) => matchesFilter(filter.filter, subjects.read(source.row(entry)));
}

function extend(list: FrameList, picked: readonly number[]): PickedFrames {
  return (list instanceof PickedFrames ? list : PickedFrames.none).append(picked);
}

// The chosen entry while it is in the list; else the next one, or the last.
function select({ list, follow, chosen, scanned, limit, stopped }: FramesState): number | null {
  const isDone = stopped || scanned >= limit;
  if (list.length === 0) return isDone ? null : chosen;
  if (follow) return list.entryAt(list.length - 1);
  if (chosen === null) return list.entryAt(0);
  if (chosen > scanned && !isDone) return chosen;
  return list.entryAt(list.positionOf(chosen)) ?? list.entryAt(list.length - 1);
}
