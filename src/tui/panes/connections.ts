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
    const cells = columns.map(({ cell, width }) => cell(connection, state, width));
    paintLine(canvas, line, columns, cells);
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

interface ConnectionColumn {
  readonly name: string;
  /** On a small, a medium and a large screen; 0 where it has no place. The verdict takes what is left. */
  readonly widths: readonly [number, number, number];
  readonly cell: (connection: Connection, state: State, width: number) => CellText | string;
}

const COLUMNS: readonly ConnectionColumn[] = [
  { name: "", widths: [2, 2, 2], cell: flagsOf },
  { name: "ID", widths: [3, 4, 4], cell: ({ id }) => `c${id}` },
  { name: "CLIENT", widths: [10, 14, 22], cell: (connection, _state, width) => renderClient(connection, width) },
  { name: "VERSION", widths: [0, 0, 9], cell: ({ handshake }) => handshake.connect?.client.version ?? "" },
  { name: "ROLE", widths: [0, 8, 8], cell: ({ handshake }) => handshake.connect?.role ?? "" },
  { name: "DEVICE", widths: [0, 0, 8], cell: renderDevice },
  { name: "REQUESTED", widths: [9, 9, 9], cell: ({ scopes }) => renderScopeLetters(scopes.requested) },
  { name: "GRANTED", widths: [7, 9, 9], cell: ({ scopes }) => renderScopeLetters(scopes.granted) },
  { name: "EFFECTIVE", widths: [9, 9, 9], cell: renderEffectiveLetters },
  { name: "STATE", widths: [0, 0, 6], cell: ({ close }) => (close === null ? "open" : String(close.code ?? "closed")) },
  { name: "VERDICT", widths: [8, 8, 8], cell: renderJudgement },
]; // prettier-ignore

type PlacedColumn = Column & Pick<ConnectionColumn, "cell">;

function columnsFor(width: number, connections: readonly Connection[]): readonly PlacedColumn[] {
  const size = width >= 110 ? 2 : width >= 76 ? 1 : 0;
  // Nearly always all are operators; then the room of that column lets every verdict be read to its end.
  const roles = connections.map(({ handshake }) => handshake.connect?.role ?? "operator");
  const hidesRole = size < 2 && roles.every((role) => role === "operator");
  const shown = COLUMNS.filter(
    ({ name, widths }) => widths[size] > 0 && !(name === "ROLE" && hidesRole),
  );
  const taken = shown.reduce((sum, { widths }) => sum + widths[size] + 1, -1);
  return shown.map(({ name, widths, cell }) => {
    const more = name === "VERDICT" ? Math.max(0, width - taken) : 0;
    return { name, width: widths[size] + more, align: "left", cell };
  });
}

function renderJudgement(connection: Connection): CellText {
  return { text: renderVerdict(connection), style: isProblem(connection) ? "error" : "ok" };
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
