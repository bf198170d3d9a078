import { moveCursor, scrollTo } from "./cursor.ts";
import { PickedFrames } from "../reading/frame-list.ts";
import { choose } from "./frames.ts";
import type { Action } from "../keymap.ts";
import type { LadderPage } from "../page.ts";
import { pageHeight } from "../page-size.ts";
import type { State } from "../state.ts";

/** Draws the conversation that the selected frame, or the selected connection, belongs to. */
export function openLadder(state: State): State {
  const { selected } = state.frames;
  const ofFrame = selected === null ? 0 : state.source.connectionOf(selected);
  const connection =
    state.focus === "connections" || ofFrame === 0 ? state.connections.selected : ofFrame;
  if (connection === null) return { ...state, notice: "no client has connected yet" };
  const cursor = ofFrame === connection ? selected : null;
  const page: LadderPage = {
    kind: "ladder",
    connection,
    list: PickedFrames.none,
    scanned: 0,
    cursor,
    top: 0,
  };
  return settleLadder({ ...state, page });
}

/** What a key does while a ladder is shown; null when it means nothing there. */
export function updateLadder(state: State, page: LadderPage, action: Action): State | null {
  const { list } = page;
  if (action === "open") return showFrame(state, page);
  const from = page.cursor === null ? 0 : list.positionOf(page.cursor);
  const moved = moveCursor(from, list.length, pageHeight(state), action);
  if (moved !== null) return { ...state, page: { ...page, cursor: list.entryAt(moved) } };
  switch (action) {
    case "pair": {
      const pair = page.cursor === null ? null : state.source.row(page.cursor).pair;
      return pair === null
        ? { ...state, notice: "no request or response belongs to this frame" }
        : { ...state, page: { ...page, cursor: pair } };
    }
    case "next-same":
      return turnTo(state, page, 1);
    case "previous-same":
      return turnTo(state, page, -1);
    default:
      return null;
  }
}

// A step that no key waits for, over the connections of so many entries.
const SCAN_STEP = 200_000;

/** Takes new entries into the ladder and keeps its cursor in view. */
export function settleLadder(state: State): State {
  const { page, source, recording } = state;
  if (page?.kind !== "ladder") return state;
  const end = Math.min(recording.readCount, page.scanned + SCAN_STEP);
  const picked: number[] = [];
  for (let entry = page.scanned + 1; entry <= end; entry++)
    if (source.connectionOf(entry) === page.connection) picked.push(entry);
  const list = page.list.append(picked);
  const cursor = page.cursor ?? list.entryAt(0);
  const position = cursor === null ? 0 : list.positionOf(cursor);
  const top = scrollTo(page.top, position, pageHeight(state), list.length);
  return { ...state, page: { ...page, list, scanned: end, cursor, top } };
}

function showFrame(state: State, { cursor }: LadderPage): State {
  if (cursor === null || cursor > state.frames.limit) return { ...state, page: null };
  const frames = { ...choose(state, cursor), connection: state.frames.connection, follow: false };
  return { ...state, page: null, focus: "detail", shared: "detail", frames };
}

function turnTo(state: State, page: LadderPage, step: 1 | -1): State {
  const { connections } = state.recording.trace;
  const at = connections.findIndex(({ id }) => id === page.connection);
  const next = connections[(at + step + connections.length) % connections.length];
  if (next === undefined) return state;
  const fresh = { connection: next.id, list: PickedFrames.none, scanned: 0, cursor: null, top: 0 };
  return { ...state, page: { ...page, ...fresh } };
}
