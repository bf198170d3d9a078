import type { Rect } from "../paint/canvas.ts";
import { orderedConnections } from "./connections.ts";
import { choose } from "./frames.ts";
import { PANES, type PaneName } from "../keymap.ts";
import { placePanes } from "../layout.ts";
import type { Message, MouseAction } from "../message.ts";
import { focusPane, perform } from "./perform.ts";
import type { State } from "../state.ts";

const WHEEL_LINES = 3;

/** What a click or a turn of the wheel does to the pane under it. */
export function clickAt(
  state: State,
  { action, x, y }: Extract<Message, { type: "mouse" }>,
): State {
  if (state.page !== null && action !== "press") return { ...turn(state, action), notice: "" };
  const { panes } = placePanes(state);
  const pane = PANES.find((name) => contains(panes[name], x, y));
  const rect = pane === undefined ? undefined : panes[pane];
  if (pane === undefined || rect === undefined || isCovered(state)) return state;
  const focused = focusPane(state, pane);
  if (action === "press") return press(focused, state, pane, y - rect.y - 1);
  return turn(focused, action);
}

function turn(state: State, action: MouseAction): State {
  let turned = state;
  for (let line = 0; line < WHEEL_LINES; line++)
    turned = perform(turned, action === "wheel-down" ? "down" : "up");
  return turned;
}

function isCovered({ help, prompt, page, menu }: State): boolean {
  return [help, prompt, page, menu].some((cover) => cover !== null);
}

// A second click on the same line opens it.
function press(focused: State, before: State, pane: PaneName, row: number): State {
  const selected = select(focused, pane, row);
  const again =
    before.focus === pane && row > 0 && cursorOf(before, pane) === cursorOf(selected, pane);
  return again ? perform(selected, "open") : selected;
}

function select(state: State, pane: PaneName, row: number): State {
  switch (pane) {
    case "connections": {
      const id = orderedConnections(state)[state.connections.top + row - 1]?.id;
      return id === undefined || row < 1
        ? state
        : { ...state, connections: { ...state.connections, selected: id } };
    }
    case "frames": {
      const entry = row < 1 ? null : state.frames.list.entryAt(state.frames.top + row - 1);
      return entry === null
        ? state
        : { ...state, frames: { ...choose(state, entry), follow: false } };
    }
    case "detail": {
      const cursor = state.detail.top + row - 1;
      return row < 1 || cursor >= state.detail.lines.length
        ? state
        : { ...state, detail: { ...state.detail, cursor } };
    }
    case "diagnosis":
      return state;
  }
}

function cursorOf(state: State, pane: PaneName): number | null {
  switch (pane) {
    case "connections":
      return state.connections.selected;
    case "frames":
      return state.frames.selected;
    case "detail":
      return state.detail.cursor;
    case "diagnosis":
      return null;
  }
}

function contains(rect: Rect | undefined, x: number, y: number): boolean {
  if (rect === undefined) return false;
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}
