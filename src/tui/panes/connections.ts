import type { Connection } from "../../trace/model.ts";
import {
  renderEffectiveLetters,
  renderScopeLetters,
  SCOPE_LETTERS_LEGEND,
  SCOPE_LETTERS_SHORT_LEGEND,
} from "../../views/scope-letters.ts";
import { isProblem, renderVerdict } from "../../views/verdict.ts";
import type { Canvas, Rect } from "../paint/canvas.ts";
import { orderedConnections } from "../updates/connections.ts";
import type { State } from "../state.ts";
import { paintHeading, paintLine, type CellText, type Column } from "../paint/table.ts";

/** Paints who connected, with the three scope sets side by side and a verdict in words. */
export function paintConnections(canvas: Canvas, rect: Rect, state: State): void {
  const connections = orderedConnections(state);
  const open = connections.filter(({ close }) => close === null).length;
  const { order, reversed } = state.connections;
  const sorted = order === "arrival" ? "" : `  order: ${order}`;
  const note = `${open} open, ${connections.length - open} closed${sorted}${reversed ? " reversed" : ""}`;
  const inside = canvas.frame(rect, "1 Connections", note, state.focus === "connections");
  const columns = columnsFor(inside.width, connections);
  paintHeading(canvas, inside, columns);
  const { top, selected } = state.connections;
  for (let row = 1; row < inside.height; row++) {
    const connection = connections[top + row - 1];
    const line = { ...inside, y: inside.y + row };
    if (connection === undefined) break;
    paintLine(canvas, line, columns, cellsOf(connection, columns, state));
    if (connection.id === selected && state.focus === "connections")
      canvas.reverse(line.x, line.y, line.width);
  }
  if (connections.length === 0)
    canvas.put(inside.x + 1, inside.y + 1, renderNobody(state), "text", inside.width - 1);
  // On the lower edge, where it takes no line from the connections.
  const edge = rect.y + rect.height - 1;
  const fits = SCOPE_LETTERS_LEGEND.length + 2 <= rect.width - 4;
  const legend = fits ? SCOPE_LETTERS_LEGEND : SCOPE_LETTERS_SHORT_LEGEND;
  canvas.put(rect.x + 2, edge, ` ${legend} `, "key", rect.width - 4);
}

function renderNobody({ live, recording }: State): string {
  if (live === null)
    return recording.complete
      ? "no client connected while this was recorded"
      : "no client has connected yet";
  return `no client has connected yet; point one at ws://${live.address}`;
}

// Column names with their widths; the verdict takes what is left.
const SMALL: readonly (readonly [string, number])[] = [
  ["", 2],
  ["ID", 3],
  ["CLIENT", 10],
  ["REQUESTED", 9],
  ["GRANTED", 7],
  ["EFFECTIVE", 9],
];
const MEDIUM: typeof SMALL = [
  ["", 2],
  ["ID", 4],
  ["CLIENT", 14],
  ["ROLE", 8],
  ["REQUESTED", 9],
  ["GRANTED", 9],
  ["EFFECTIVE", 9],
];
const LARGE: typeof SMALL = [
  ["", 2],
  ["ID", 4],
  ["CLIENT", 22],
  ["VERSION", 9],
  ["ROLE", 8],
  ["DEVICE", 8],
  ["REQUESTED", 9],
  ["GRANTED", 9],
  ["EFFECTIVE", 9],
  ["STATE", 6],
];

function columnsFor(width: number, connections: readonly Connection[]): readonly Column[] {
  const named = width >= 110 ? LARGE : width >= 76 ? mediumFor(connections) : SMALL;
  const fixed = named.reduce((sum, [, columns]) => sum + columns + 1, 0);
  const verdict = ["VERDICT", Math.max(8, width - fixed)] as const;
  return [...named, verdict].map(([name, columns]) => ({ name, width: columns, align: "left" }));
}

/** Nearly always all are operators; then the room of that column lets every verdict be read to its end. */
function mediumFor(connections: readonly Connection[]): typeof MEDIUM {
  const roles = connections.map(({ handshake }) => handshake.connect?.role ?? "operator");
  if (roles.some((role) => role !== "operator")) return MEDIUM;
  return MEDIUM.filter(([name]) => name !== "ROLE");
}

function cellsOf(
  connection: Connection,
  columns: readonly Column[],
  state: State,
): readonly CellText[] {
  return columns.map((column) => cellOf(connection, column, state));
}

function cellOf(connection: Connection, { name, width }: Column, state: State): CellText {
  const { scopes, handshake, close } = connection;
  const client = handshake.connect?.client;
  switch (name) {
    case "":
      return flagsOf(connection, state);
    case "ID":
      return { text: `c${connection.id}` };
    case "CLIENT":
      return { text: renderClient(connection, width) };
    case "VERSION":
      return { text: client?.version ?? "" };
    case "ROLE":
      return { text: handshake.connect?.role ?? "" };
    case "DEVICE":
      return { text: renderDevice(connection) };
    case "REQUESTED":
      return { text: renderScopeLetters(scopes.requested) };
    case "GRANTED":
      return { text: renderScopeLetters(scopes.granted) };
    case "EFFECTIVE":
      return { text: renderEffectiveLetters(connection) };
    case "STATE":
      return { text: close === null ? "open" : String(close.code ?? "closed") };
    default:
      return {
        text: renderVerdict(connection),
        style: isProblem(connection) ? "error" : "ok",
      };
  }
}

function flagsOf(connection: Connection, { connections, frames }: State): CellText {
  const selected =
    frames.connection === connection.id ? "=" : connections.selected === connection.id ? ">" : " ";
  const flag = connections.marked === connection.id ? "*" : isProblem(connection) ? "!" : " ";
  return { text: selected + flag, style: "error" };
}

// The mode tells two clients of one id apart; where it does not fit, the id alone is better than half a mode.
function renderClient({ handshake, http, upgrade }: Connection, width: number): string {
  const client = handshake.connect?.client;
  if (client === undefined) return upgrade === null && http.length > 0 ? "(HTTP)" : "-";
  const both = `${client.id}/${client.mode}`;
  return client.id === client.mode || both.length > width ? client.id : both;
}

// Device ids are SHA-256 in hex: both ends tell two of them apart.
function renderDevice({ handshake }: Connection): string {
  const id = handshake.connect?.device?.id;
  if (id === undefined) return handshake.connect === null ? "" : "none";
  return id.length > 8 ? `${id.slice(0, 4)}..${id.slice(-2)}` : id;
}
