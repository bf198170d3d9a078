import { moveCursor, scrollTo } from "./cursor.ts";
import { showConnection } from "./frames-update.ts";
import type { Action } from "./keymap.ts";
import { listHeight } from "./layout.ts";
import type { State } from "./state.ts";

/** Moves in the connections pane, or shows only the frames of the selected one; null when the action means nothing there. */
export function updateConnections(state: State, action: Action): State | null {
  const { connections } = state.recording.trace;
  const position = connectionPosition(state);
  if (action === "open") {
    const id = connections[position]?.id ?? null;
    return showConnection(state, id === state.frames.connection ? null : id);
  }
  const height = listHeight(state, "connections");
  const moved = moveCursor(position, connections.length, height, action);
  if (moved === null) return null;
  const selected = connections[moved]?.id ?? null;
  const next = { ...state, connections: { ...state.connections, selected } };
  // Who looks at one connection's frames goes on looking at one connection's frames.
  return state.frames.connection === null ? next : showConnection(next, selected);
}

/** Keeps the selected connection in view. */
export function settleConnections(state: State): State {
  const { connections } = state.recording.trace;
  const position = connectionPosition(state);
  const height = listHeight(state, "connections");
  const top = scrollTo(state.connections.top, position, height, connections.length);
  return { ...state, connections: { selected: connections[position]?.id ?? null, top } };
}

function connectionPosition({ recording, connections }: State): number {
  const position = recording.trace.connections.findIndex(({ id }) => id === connections.selected);
  return Math.max(0, position);
}
