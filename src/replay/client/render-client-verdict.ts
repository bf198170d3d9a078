import { toPrintable } from "../../views/printable.ts";
import { renderScopeLetters } from "../../views/scope-letters.ts";
import { colorsOf, renderTable, type Style } from "../../views/style.ts";
import type { CameOut, ClientVerdict, ComparedConnection, ComparedRpc } from "./client-verdict.ts";

/** What recorded clients met at another Gateway, as text: then and now side by side. Ends with a line break. */
export function renderClientVerdict(verdict: ClientVerdict, style: Style): string {
  const colors = colorsOf(style);
  const { recording, url, versions, outcome, conclusion } = verdict;
  const head = colors.bold(
    toPrintable(
      `clients of ${recording} (OpenClaw ${versions.before ?? "unknown"}) at ${url} (OpenClaw ${versions.now ?? "unknown"})`,
    ),
  );
  const isGood = outcome === "fixed" || outcome === "unchanged";
  const last = (isGood ? colors.green : colors.red)(toPrintable(conclusion));
  return `${[head, ...verdict.connections.map(renderConnection), last].join("\n\n")}\n`;
}

function renderConnection(connection: ComparedConnection): string {
  const { scopes, rpcs, client } = connection;
  const rows = [
    ["", "RECORDED", "NOW"],
    ["connect", renderCameOut(connection.before), renderCameOut(connection.now)],
    ["scopes in effect", renderScopeLetters(scopes.before), renderScopeLetters(scopes.now)],
    ...rpcs.map((rpc) => [rpc.method, renderCameOut(rpc.before), renderNow(rpc)]),
  ];
  const who = client ?? "a client that did not say who it is";
  const head = toPrintable(`connection ${connection.connection}: ${who}`);
  return `${head}\n${renderTable(rows.map((row) => row.map(toPrintable)))}`;
}

function renderNow({ now, heldBack }: ComparedRpc): string {
  return heldBack === null ? renderCameOut(now) : `HELD BACK: ${heldBack}`;
}

/** How something came out, in a few words. */
export function renderCameOut(cameOut: CameOut | null): string {
  if (cameOut === null) return "no answer";
  return cameOut.ok ? "ok" : (cameOut.error ?? "failed");
}
