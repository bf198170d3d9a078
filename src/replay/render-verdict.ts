import { toPrintable } from "../views/printable.ts";
import { renderCount } from "../views/quantity.ts";
import { colorsOf, renderTable, type Style } from "../views/style.ts";
import type { ValueDifference } from "../diff/compare-values.ts";
import type { PlayedAs, PlayedConnection, PlayedRpc, Verdict } from "./verdict.ts";

const MAX_RPCS = 40;

const CONNECTION_WORDS: Readonly<Record<PlayedAs, string>> = {
  same: "as recorded",
  again: "played again",
  differing: "DIFFERING",
  unmatched: "UNMATCHED",
  never: "NEVER OPENED",
};

const RPC_WORDS: Readonly<Record<PlayedAs, string>> = {
  same: "as recorded",
  again: "asked again",
  differing: "DIFFERING",
  unmatched: "UNMATCHED",
  never: "NEVER ASKED FOR",
};

/** The verdict as text for people: each connection with its rpcs, then the conclusion. Ends with a line break. */
export function renderReplayVerdict(verdict: Verdict, style: Style): string {
  const colors = colorsOf(style);
  const head = colors.bold(`replay of ${toPrintable(verdict.recordings.join(", "))}`);
  const sections = verdict.connections.map((connection) =>
    renderConnection(connection, verdict.recordings.length > 1),
  );
  const conclusion = verdict.clean
    ? colors.green(verdict.conclusion)
    : colors.red(verdict.conclusion);
  return `${[head, ...sections, conclusion].join("\n\n")}\n`;
}

/** The verdict as one JSON document. Ends with a line break. */
export function renderReplayVerdictJson(verdict: Verdict): string {
  return `${JSON.stringify(verdict, null, 2)}\n`;
}

function renderConnection(connection: PlayedConnection, several: boolean): string {
  const { live, recording, rpcs, differences } = connection;
  const recorded =
    connection.connection === null
      ? "no recorded connection"
      : `recorded connection ${connection.connection}${several ? ` of ${recording}` : ""}`;
  const who = connection.client ?? "a client that did not say who it is";
  const head = [
    live === null ? recorded : `connection ${live}, ${recorded}`,
    who,
    CONNECTION_WORDS[connection.as],
  ].join(": ");
  const shown = rpcs.slice(0, MAX_RPCS);
  const rows = shown.map((rpc) =>
    [rpc.method ?? "(no request)", RPC_WORDS[rpc.as], describeRpc(rpc)].map(toPrintable),
  );
  const lines = [
    toPrintable(head),
    ...differences.map((difference) => `  ${toPrintable(describeDifference(difference))}`),
    ...(rows.length === 0 ? [] : [renderTable(rows)]),
  ];
  const more = rpcs.length - shown.length;
  if (more > 0) lines.push(`  and ${renderCount(more, "rpc")} more, see --json`);
  return lines.join("\n");
}

function describeRpc({ as, difference, nearest, recorded }: PlayedRpc): string {
  if (difference !== null) return describeDifference(difference);
  if (as === "unmatched") {
    if (nearest === null) return "";
    const used = nearest.used ? ", asked already as often as recorded" : "";
    return `nearest: ${nearest.method} (entry ${nearest.entry}${used})`;
  }
  if (recorded === null) return "was never answered";
  if (recorded.ok) return "ok";
  return `${recorded.errorCode ?? "error"}: ${recorded.errorMessage ?? ""}`;
}

function describeDifference({ path, recorded, live }: ValueDifference): string {
  return `${path}: recorded ${recorded ?? "nothing"}, now ${live ?? "nothing"}`;
}
