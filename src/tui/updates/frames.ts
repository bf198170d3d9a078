import { moveCursor } from "./cursor.ts";
import type { FrameFilter } from "../reading/frame-filter.ts";
import { PickedFrames } from "../reading/frame-list.ts";
import { restartList, settleFrames } from "./frames-list.ts";
import type { Action } from "../keymap.ts";
import { listHeight } from "../layout.ts";
import type { FramesState, State } from "../state.ts";

const MAX_JUMPS = 100;

type Ladder = NonNullable<FramesState["ladder"]>;

/** Moves the selection in the frames list. Moving up ends the follow; going to the end begins it again. */
export function moveFrames(state: State, action: Action): State {
  const { list, selected, follow } = state.frames;
  const position = selected === null ? 0 : list.positionOf(selected);
  const target = moveCursor(position, list.length, listHeight(state, "frames"), action);
  if (target === null) return state;
  const entry = list.entryAt(target);
  const follows = action === "last" || (follow && target >= position);
  return { ...state, frames: { ...choose(state, entry), follow: follows } };
}

/** The frames pane with an entry chosen. */
export function choose({ frames }: State, entry: number | null): FramesState {
  return { ...frames, chosen: entry, selected: entry };
}

/** Selects an entry and remembers where the jump began. What hides the entry is taken away, and the notice says so. */
export function jumpTo(state: State, entry: number): State {
  if (entry < 1 || entry > state.frames.limit)
    return { ...state, notice: `there is no entry #${entry}` };
  const { selected } = state.frames;
  const jumps = selected === null ? state.jumps : [...state.jumps, selected].slice(-MAX_JUMPS);
  const frames = { ...choose(state, entry), follow: false };
  return reveal({ ...state, jumps, frames }, entry);
}

function reveal(state: State, entry: number): State {
  const { list, scanned } = state.frames;
  const isHidden =
    list instanceof PickedFrames &&
    (entry > scanned || list.entryAt(list.positionOf(entry)) !== entry);
  if (!isHidden) return state;
  const shown = restartList(state, { connection: null, filter: null, onlyMarked: false });
  return { ...shown, notice: `#${entry} was hidden: all frames are shown again` };
}

/** Draws the conversation of the selected connection or frame as a ladder over the whole screen, or the list as it was again. */
export function toggleLadder(state: State): State {
  const { ladder, selected, connection: before } = state.frames;
  if (ladder !== null) return closeLadder(state, ladder);
  const ofFrame = selected === null ? 0 : state.source.connectionOf(selected);
  const connection =
    state.focus === "connections" || ofFrame === 0 ? state.connections.selected : ofFrame;
  if (connection === null) return { ...state, notice: "no client has connected yet" };
  const back = { connection: before, maximised: state.maximised };
  return restartList({ ...state, focus: "frames", maximised: true }, { connection, ladder: back });
}

/** The list of frames as it was before it was drawn as a ladder. */
export function closeLadder(state: State, { connection, maximised }: Ladder): State {
  return restartList({ ...state, maximised }, { connection, ladder: null });
}

/** Goes back to where the last jump began. */
export function jumpBack(state: State): State {
  const entry = state.jumps.at(-1);
  if (entry === undefined) return { ...state, notice: "no jump to go back from" };
  const frames = { ...choose(state, entry), follow: false };
  return reveal({ ...state, jumps: state.jumps.slice(0, -1), frames }, entry);
}

/** Goes from a request to its response, or back. */
export function jumpToPair(state: State): State {
  const { selected } = state.frames;
  const pair = selected === null ? null : state.source.row(selected).pair;
  return pair === null
    ? { ...state, notice: "no request or response belongs to this frame" }
    : jumpTo(state, pair);
}

/** Goes to the nearest entry before (-1) or behind (1) the selected one that fits, round the end of the list. */
export function jumpToNext(
  state: State,
  step: 1 | -1,
  fits: (entry: number) => boolean,
  what: string,
): State {
  const { list, selected } = state.frames;
  const { length } = list;
  const from = selected === null ? 0 : list.positionOf(selected);
  for (let distance = 1; distance <= length; distance++) {
    const entry = list.entryAt((from + step * distance + length * distance) % length);
    if (entry !== null && fits(entry)) return jumpTo(state, entry);
  }
  return { ...state, notice: `no ${what}` };
}

/** Goes to the neighbouring frame of the same connection. */
export function jumpToSame(state: State, step: 1 | -1): State {
  const { selected } = state.frames;
  if (selected === null) return state;
  const connection = state.source.connectionOf(selected);
  const fits = (entry: number): boolean => state.source.connectionOf(entry) === connection;
  return jumpToNext(state, step, fits, "other frame of this connection");
}

/** Marks the selected frame, or takes its mark away. */
export function toggleMark(state: State): State {
  const { selected, onlyMarked } = state.frames;
  if (selected === null) return state;
  const marks = new Set(state.marks);
  if (!marks.delete(selected)) marks.add(selected);
  return onlyMarked ? restartList({ ...state, marks }, {}) : { ...state, marks };
}

/** Shows the frames of one connection only, or of all with null. */
export function showConnection(state: State, connection: number | null): State {
  return restartList(state, { connection });
}

/** Shows only the frames that the filter matches, or all with null. */
export function showFiltered(state: State, filter: FrameFilter | null): State {
  return filter?.text === state.frames.filter?.text ? state : restartList(state, { filter });
}

/** Freezes the list, or takes up what came meanwhile. */
export function togglePause(state: State): State {
  return settleFrames({ ...state, frames: { ...state.frames, paused: !state.frames.paused } });
}
