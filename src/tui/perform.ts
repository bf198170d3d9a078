import { updateConnections } from "./connections-update.ts";
import { updateDetail } from "./detail-update.ts";
import { jumpToProblem, updateDiagnosis } from "./diagnosis-update.ts";
import { restartList } from "./frames-list.ts";
import {
  jumpBack,
  jumpToFound,
  jumpToNext,
  jumpToPair,
  jumpToSame,
  moveFrames,
  showConnection,
  showFiltered,
  toggleMark,
  togglePause,
} from "./frames-update.ts";
import { PANES, type Action, type PaneName } from "./keymap.ts";
import type { Effect, Step } from "./message.ts";
import { openPrompt } from "./prompt.ts";
import type { State, TimeMode } from "./state.ts";

/** Does what the user asked for by key or by name. */
export function perform(state: State, action: Action): Step {
  const effect = EFFECTS[action];
  if (effect !== undefined) return { state, effects: [effect] };
  if (action === "leave") return leave(state);
  return { state: change(state, action), effects: [] };
}

const EFFECTS: Readonly<Partial<Record<Action, Effect>>> = {
  redraw: { type: "redraw" },
  suspend: { type: "suspend" },
  quit: { type: "quit" },
};

function change(state: State, action: Action): State {
  return updatePane(state, action) ?? changeAnywhere(state, action);
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
      if (action === "open") return focusPane(state, "detail");
      const moved = moveFrames(state, action);
      return moved === state ? null : moved;
    }
  }
}

const CHANGES: Readonly<Partial<Record<Action, (state: State) => State>>> = {
  back: jumpBack,
  pair: jumpToPair,
  "next-same": (state) => jumpToSame(state, 1),
  "previous-same": (state) => jumpToSame(state, -1),
  "next-problem": (state) => jumpToProblem(state, 1),
  "previous-problem": (state) => jumpToProblem(state, -1),
  "find-next": (state) => jumpToFound(state, 1),
  "find-previous": (state) => jumpToFound(state, -1),
  "next-mark": (state) =>
    jumpToNext(state, 1, (entry) => state.marks.has(entry), "other marked frame"),
  mark: toggleMark,
  "only-marked": (state) => restartList(state, { onlyMarked: !state.frames.onlyMarked }),
  "clear-marks": (state) => restartList({ ...state, marks: new Set() }, { onlyMarked: false }),
  pause: togglePause,
  follow: (state) => ({ ...state, frames: { ...state.frames, follow: !state.frames.follow } }),
  maximise: (state) => ({ ...state, maximised: !state.maximised }),
  escapes: (state) => ({ ...state, escapesAll: !state.escapesAll }),
  "time-mode": (state) => ({ ...state, timeMode: NEXT_TIME_MODE[state.timeMode] }),
  "time-reference": setTimeReference,
  filter: (state) => openPrompt(state, "filter"),
  find: (state) => openPrompt(state, "find"),
  command: (state) => openPrompt(state, "command"),
  help: (state) => ({ ...state, help: { query: "", top: 0 } }),
  close: closeOrClear,
  "next-pane": (state) => focusNext(state, 1),
  "previous-pane": (state) => focusNext(state, -1),
  "pane-1": (state) => focusPane(state, "connections"),
  "pane-2": (state) => focusPane(state, "frames"),
  "pane-3": (state) => focusPane(state, "diagnosis"),
  "pane-4": (state) => focusPane(state, "detail"),
};

function changeAnywhere(state: State, action: Action): State {
  return CHANGES[action]?.(state) ?? state;
}

const NEXT_TIME_MODE: Readonly<Record<TimeMode, TimeMode>> = {
  relative: "clock",
  clock: "delta",
  delta: "latency",
  latency: "relative",
};

/** Gives a pane the focus, and its place on the screen where it has to share. */
export function focusPane(state: State, focus: PaneName): State {
  const shared = focus === "diagnosis" || focus === "detail" ? focus : state.shared;
  return { ...state, focus, shared };
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
  const { filter, connection, onlyMarked } = state.frames;
  if (state.maximised) return { ...state, maximised: false };
  if (state.focus === "detail") return focusPane(state, "frames");
  if (filter !== null) return showFiltered(state, null);
  if (onlyMarked) return restartList(state, { onlyMarked: false });
  if (connection !== null) return showConnection(state, null);
  return focusPane(state, "frames");
}

function leave(state: State): Step {
  const isInside = state.maximised || state.focus === "detail";
  return isInside
    ? { state: closeOrClear(state), effects: [] }
    : { state, effects: [{ type: "quit" }] };
}
