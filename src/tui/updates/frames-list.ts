import { scrollTo } from "./cursor.ts";
import { matcherOf } from "../reading/frame-filter.ts";
import { allFrames, PickedFrames } from "../reading/frame-list.ts";
import { listHeight } from "../layout.ts";
import type { Effect } from "../message.ts";
import type { FramesState, Scan, State } from "../state.ts";

// Enough for a visible first answer, little enough that no key waits for it.
const SCAN_STEP = 5000;
/** The same of entries whose bodies are read. */
const MATCH_STEP = 1000;
/** The same where only the connection or the mark of an entry is looked at. */
const CONNECTION_STEP = 200_000;

/** The state with its list begun anew, after what picks its frames has changed. */
export function restartList(state: State, change: Partial<FramesState>): State {
  const frames = { ...state.frames, ...change, ...freshScan(state) };
  return restartFind({ ...state, scans: state.scans + 1, frames });
}

/** The state with its search begun anew: it looks through the frames that are shown. */
export function restartFind(state: State): State {
  const { found } = state.frames;
  if (found === null) return state;
  const frames = { ...state.frames, found: { ...found, ...freshScan(state) } };
  return { ...state, scans: state.scans + 1, frames };
}

/** A scan that has seen nothing yet. */
export function freshScan({ scans }: State): Omit<Scan, "filter"> {
  return { id: scans, list: PickedFrames.none, scanned: 0, stopped: false };
}

/** True while entries wait for the filter. */
export function isScanning({ frames }: Pick<State, "frames">): boolean {
  return hasMore(frames, frames.limit);
}

/** True while frames that are shown wait to be searched. */
export function isSearching({ frames }: State): boolean {
  return frames.found !== null && hasMore(frames.found, frames.scanned);
}

/** What the filter and the search still have to look at: rows here and now in small steps, bodies by reading them. */
export function workOf(state: State): readonly Effect[] {
  const { frames } = state;
  const scans = [
    ...(isScanning(state) ? [{ scan: frames, limit: frames.limit }] : []),
    ...(isSearching(state) && frames.found !== null
      ? [{ scan: frames.found, limit: frames.scanned }]
      : []),
  ];
  return scans.map(({ scan: { id, filter, scanned }, limit }): Effect => {
    const last = Math.min(limit, scanned + MATCH_STEP);
    return filter?.readsBodies === true
      ? { type: "match", scan: id, first: scanned + 1, last, filter }
      : { type: "scan" };
  });
}

/** Takes more entries into the list, keeps selection and follow, and scrolls to the selection. */
export function settleFrames(state: State): State {
  const limit = state.frames.paused ? state.frames.limit : state.recording.readCount;
  const listed = scanList(state, { ...state.frames, limit });
  const found = listed.found && advance(state, listed.found, listed.scanned, isListedIn(listed));
  const frames = { ...listed, found };
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
  const { found } = frames;
  if (frames.id === scan)
    return {
      ...state,
      frames: extend(frames, entries.filter(isWantedIn(state, frames)), through),
    };
  if (found?.id !== scan) return state;
  const scanned = Math.min(through, frames.scanned);
  const searched = extend(found, entries.filter(isListedIn(frames)), scanned);
  return { ...state, frames: { ...frames, found: searched } };
}

function scanList(state: State, frames: FramesState): FramesState {
  const { connection, filter, onlyMarked, limit, scanned, list } = frames;
  if (connection !== null || filter !== null || onlyMarked)
    return advance(state, frames, limit, isWantedIn(state, frames));
  return list.length === limit && scanned === limit
    ? frames
    : { ...frames, list: allFrames(limit), scanned: limit };
}

// One step of a scan that needs no bodies.
function advance<T extends Scan>(
  state: State,
  scan: T,
  limit: number,
  isWanted: (entry: number) => boolean,
): T {
  const { filter, scanned } = scan;
  if (!hasMore(scan, limit) || filter?.readsBodies === true) return scan;
  const matches = filter === null ? () => true : matcherOf(state, filter);
  const end = Math.min(limit, scanned + (filter === null ? CONNECTION_STEP : SCAN_STEP));
  const picked: number[] = [];
  for (let entry = scanned + 1; entry <= end; entry++)
    if (matches(entry) && isWanted(entry)) picked.push(entry);
  return extend(scan, picked, end);
}

function hasMore({ scanned, stopped }: Scan, limit: number): boolean {
  return scanned < limit && !stopped;
}

function isWantedIn(state: State, frames: FramesState): (entry: number) => boolean {
  const { connection, onlyMarked } = frames;
  return (entry) =>
    (connection === null || state.source.connectionOf(entry) === connection) &&
    (!onlyMarked || state.marks.has(entry));
}

function isListedIn({ list }: FramesState): (entry: number) => boolean {
  return (entry) => list.entryAt(list.positionOf(entry)) === entry;
}

function extend<T extends Scan>(scan: T, picked: readonly number[], scanned: number): T {
  const list = scan.list instanceof PickedFrames ? scan.list : PickedFrames.none;
  return { ...scan, list: list.append(picked), scanned };
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
