import { renderClient, renderEnd } from "./connection.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderOffset } from "./quantity.ts";
import { renderEffectiveLetters, renderScopeLetters } from "./scope-letters.ts";
import { colorsOf } from "./style.ts";
import { isProblem, renderVerdict } from "./verdict.ts";
import type { Connection } from "../trace/model.ts";
import type { Style } from "./style.ts";

/** One line for a connection whose handshake was just decided: who, the three scope sets, the verdict so far. */
export function renderDecidedLine(connection: Connection, style: Style): string {
  return line(connection, [renderScopes(connection), verdict(connection, style)]);
}

/** One line for a connection that ended: how, after how long and how many calls, and the final verdict. */
export function renderClosedLine(connection: Connection, style: Style): string {
  const { rpcs, http, handshake } = connection;
  if (connection.gatewayAddress === null) return line(connection, [renderUnreached(connection)]);
  const failed = rpcs.filter(({ ok }) => ok === false).length;
  const parts = [toPrintable(renderEnd(connection))];
  if (rpcs.length > 0) {
    const calls = renderCount(rpcs.length, "call");
    parts.push(failed > 0 ? `${calls}, ${failed} failed` : calls);
  }
  for (const { method, target } of http.slice(0, 3)) parts.push(toPrintable(`${method} ${target}`));
  if (handshake.answerEntry !== null) parts.push(renderScopes(connection));
  parts.push(verdict(connection, style));
  return line(connection, parts);
}

function line(connection: Connection, parts: readonly string[]): string {
  const { id, openedMs } = connection;
  return [`#${id}`, renderOffset(openedMs), renderClient(connection), ...parts].join("  ");
}

function renderScopes(connection: Connection): string {
  return [
    `requested ${renderScopeLetters(connection.scopes.requested)}`,
    `granted ${renderScopeLetters(connection.scopes.granted)}`,
    `effective ${renderEffectiveLetters(connection)}`,
  ].join("  ");
}

function verdict(connection: Connection, style: Style): string {
  const colors = colorsOf(style);
  const text = renderVerdict(connection);
  return isProblem(connection) ? colors.red(text) : colors.green(text);
}

function renderUnreached({ close }: Connection): string {
  if (close?.by === "tap") return "gw-trace was stopped before the Gateway answered";
  return close?.by === "client" ? "left before the Gateway answered" : "the Gateway did not answer";
}
