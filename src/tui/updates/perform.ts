import { updateConnections } from "./connections.ts";
import { openBytes, updateDetail } from "./detail.ts";
import { nextInDetail } from "./detail-search.ts";
import { jumpToProblem, updateDiagnosis } from "./diagnosis.ts";
import { askForDiff } from "./diff.ts";
import { wantFound } from "./find.ts";
import { isScanning, isSearching, restartList } from "./frames-list.ts";
import {
  closeLadder,
  jumpBack,
  jumpToNext,
  jumpToPair,
  jumpToSame,
  moveFrames,
  showConnection,
  showFiltered,
  toggleLadder,
  toggleMark,
  togglePause,
} from "./frames.ts";
import { placePanes } from "../layout.ts";
import { PANES, type Action, type PaneName } from "../keymap.ts";
import { withEffect } from "../message.ts";
import { filterOnCursor } from "./narrow.ts";
import { openPrompt } from "./open-prompt.ts";
import { updatePage } from "./page.ts";
import type { ConnectionOrder, State, TimeMode } from "../state.ts";

/** Does what the user asked for by key or by name. */
export function perform(state: State, action: Action): State {
  if (state.page !== null) return updatePage(state, state.page, action);
  return updatePane(state, action) ?? CHANGES[action]?.(state) ?? state;
}

function updatePane(state: State, action: Action): State | null {
  switch (state.focus) {
    case "connections":
      return updateConnections(state, action);
    case "diagnosis":
      return updateDiagnosis(state, action);
    case "detail":
      return updateDetail(state, action);
    case "frames": {
      const { ladder } = state.frames;
      if (action === "open")
        return focusPane(ladder === null ? state : closeLadder(state, ladder), "detail");
      const moved = moveFrames(state, action);
      return moved === state ? null : moved;
    }
  }
}

const CHANGES: Readonly<Partial<Record<Action, (state: State) => State>>> = {
  redraw: (state) => withEffect(state, { type: "redraw" }),
  suspend: (state) => withEffect(state, { type: "suspend" }),
  quit: (state) => withEffect(state, { type: "quit" }),
  leave,
  diff: askForDiff,
  back: jumpBack,
  pair: jumpToPair,
  "next-same": (state) => jumpToSame(state, 1),
  "previous-same": (state) => jumpToSame(state, -1),
  "next-problem": (state) => jumpToProblem(state, 1),
  "previous-problem": (state) => jumpToProblem(state, -1),
  "find-next": (state) => nextFound(state, 1),
  "find-previous": (state) => nextFound(state, -1),
  bytes: openBytes,
  ladder: toggleLadder,
  larger: (state) => resize(state, 1),
  smaller: (state) => resize(state, -1),
  stack: (state) => ({ ...state, sizes: { ...state.sizes, stacked: !state.sizes.stacked } }),
  order: turnOrder,
  reverse: (state) => ({
    ...state,
    connections: { ...state.connections, reversed: !state.connections.reversed },
  }),
  search: (state) => openPrompt(state, "search"),
  copy: (state) => ({ ...state, menu: "copy" }),
  "copy-file": (state) => ({ ...state, menu: "copy-file" }),
  write: (state) => openPrompt(state, "command", `write ${state.recording.name}-part`),
  "next-mark": (state) =>
    jumpToNext(state, 1, (entry) => state.marks.has(entry), "other marked frame"),
  mark: markHere,
  "only-marked": (state) => restartList(state, { onlyMarked: !state.frames.onlyMarked }),
  "clear-marks": (state) => restartList({ ...state, marks: new Set() }, { onlyMarked: false }),
  pause: togglePause,
  follow: (state) => ({ ...state, frames: { ...state.frames, follow: !state.frames.follow } }),
  maximise: (state) => ({ ...state, maximised: !state.maximised }),
  escapes: (state) => ({ ...state, escapesAll: !state.escapesAll }),
  "time-mode": (state) => ({ ...state, timeMode: NEXT_TIME_MODE[state.timeMode] }),
  "time-reference": setTimeReference,
  filter: (state) => openPrompt(state, "filter"),
  "filter-on": (state) => filterOnCursor(state, true),
  "filter-out": (state) => filterOnCursor(state, false),
  diagnosis: toggleDiagnosis,
  find: (state) => openPrompt(state, "find"),
  command: (state) => openPrompt(state, "command"),
  help: (state) => ({ ...state, help: { query: "", selected: 0 } }),
  close: closeOrClear,
  "next-pane": (state) => focusNext(state, 1),
  "previous-pane": (state) => focusNext(state, -1),
  "pane-1": (state) => focusPane(state, "connections"),
  "pane-2": (state) => focusPane(state, "frames"),
  "pane-3": (state) => focusPane(state, "diagnosis"),
  "pane-4": (state) => focusPane(state, "detail"),
};

const NEXT_TIME_MODE: Readonly<Record<TimeMode, TimeMode>> = {
  relative: "clock",
  clock: "delta",
  delta: "latency",
  latency: "relative",
};

/** Gives a pane the focus, and its place on the screen where it has to share or was hidden. */
export function focusPane(state: State, focus: PaneName): State {
  const shared = focus === "diagnosis" || focus === "detail" ? focus : state.shared;
  const hidesDiagnosis = state.hidesDiagnosis && focus !== "diagnosis";
  return { ...state, focus, shared, hidesDiagnosis };
}

function toggleDiagnosis(state: State): State {
  const isShown = placePanes(state).panes.diagnosis !== undefined;
  if (!isShown) return { ...state, hidesDiagnosis: false, shared: "diagnosis", maximised: false };
  const focus = state.focus === "diagnosis" ? "frames" : state.focus;
  return { ...state, hidesDiagnosis: true, focus };
}

// In the detail pane n goes on inside the frame, as long as something was looked for there.
function nextFound(state: State, step: 1 | -1): State {
  return state.focus === "detail" && state.detail.search !== null
    ? nextInDetail(state, step)
    : wantFound(state, step);
}

function markHere(state: State): State {
  if (state.focus !== "connections") return toggleMark(state);
  const { selected, marked } = state.connections;
  const next = marked === selected ? null : selected;
  return { ...state, connections: { ...state.connections, marked: next } };
}

function resize(state: State, step: 1 | -1): State {
  const lower = Math.max(-30, Math.min(30, state.sizes.lower + step));
  return { ...state, sizes: { ...state.sizes, lower } };
}

const NEXT_ORDER: Readonly<Record<ConnectionOrder, ConnectionOrder>> = {
  arrival: "problems",
  problems: "client",
  client: "calls",
  calls: "arrival",
};

function turnOrder(state: State): State {
  const order = NEXT_ORDER[state.connections.order];
  const connections = { ...state.connections, order };
  return { ...state, connections, notice: `connections in order of ${order}` };
}

function focusNext(state: State, step: 1 | -1): State {
  const next = (PANES.indexOf(state.focus) + step + PANES.length) % PANES.length;
  return focusPane(state, PANES[next] ?? "frames");
}

function setTimeReference(state: State): State {
  const { selected } = state.frames;
  if (selected === null) return state;
  const { atMs } = state.source.row(selected);
  const timeReferenceMs = state.timeReferenceMs === atMs ? 0 : atMs;
  return { ...state, timeReferenceMs, timeMode: "relative" };
}

function closeOrClear(state: State): State {
  if (state.task !== null) return withEffect(state, { type: "stop-task" });
  const { filter, connection, onlyMarked, ladder } = state.frames;
  if (isScanning(state) || isSearching(state)) return stopScans(state);
  if (ladder !== null) return closeLadder(state, ladder);
  if (state.maximised) return { ...state, maximised: false };
  if (state.focus === "detail") return focusPane(state, "frames");
  if (filter !== null) return showFiltered(state, null);
  if (onlyMarked) return restartList(state, { onlyMarked: false });
  if (connection !== null) return showConnection(state, null);
  return focusPane(state, "frames");
}

function stopScans(state: State): State {
  const { frames } = state;
  const stopsList = isScanning(state);
  const found = frames.found === null ? null : { ...frames.found, stopped: true, wanted: null };
  const what = stopsList
    ? "the filter has seen a part only; Esc clears it"
    : "the search is stopped";
  return { ...state, frames: { ...frames, stopped: stopsList, found }, notice: `stopped: ${what}` };
}

function leave(state: State): State {
  const isInside = state.maximised || state.focus === "detail";
  return isInside ? closeOrClear(state) : withEffect(state, { type: "quit" });
}
