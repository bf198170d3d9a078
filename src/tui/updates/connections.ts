import type { Connection } from "../../trace/model.ts";
import { isProblem } from "../../views/verdict.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { showConnection } from "./frames.ts";
import type { Action } from "../keymap.ts";
import { listHeight } from "../layout.ts";
import type { ConnectionOrder, State } from "../state.ts";

/** Moves in the connections pane, or shows only the frames of the selected one; null when the action means nothing there. */
export function updateConnections(state: State, action: Action): State | null {
  const connections = orderedConnections(state);
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

/** Keeps the selected connection in view: while another pane has the focus, that of the selected frame. */
export function settleConnections(before: State): State {
  const state = followFrame(before);
  const connections = orderedConnections(state);
  const position = connectionPosition(state);
  const height = listHeight(state, "connections");
  const top = scrollTo(state.connections.top, position, height, connections.length);
  const selected = connections[position]?.id ?? null;
  return { ...state, connections: { ...state.connections, selected, top } };
}

function followFrame(state: State): State {
  const { selected } = state.frames;
  if (state.focus === "connections" || selected === null) return state;
  const id = state.source.connectionOf(selected);
  return id === 0 ? state : { ...state, connections: { ...state.connections, selected: id } };
}

/** The connections in the order asked for. */
export function orderedConnections({
  recording,
  connections: { order, reversed },
}: State): readonly Connection[] {
  const { connections } = recording.trace;
  if (order === "arrival") return reversed ? connections.toReversed() : connections;
  const sorted = connections.toSorted((left, right) => COMPARE[order](left, right));
  return reversed ? sorted.toReversed() : sorted;
}

const COMPARE: Readonly<
  Record<Exclude<ConnectionOrder, "arrival">, (left: Connection, right: Connection) => number>
> = {
  problems: (left, right) => Number(isProblem(right)) - Number(isProblem(left)),
  client: (left, right) => clientOf(left).localeCompare(clientOf(right), "en"),
  calls: (left, right) => right.rpcs.length - left.rpcs.length,
};

function clientOf({ handshake }: Connection): string {
  return handshake.connect?.client.id ?? "";
}

function connectionPosition(state: State): number {
  const position = orderedConnections(state).findIndex(
    ({ id }) => id === state.connections.selected,
  );
  return Math.max(0, position);
}
