import { toPrintable } from "../../views/printable.ts";
import { renderCount } from "../../views/quantity.ts";
import { colorsOf, renderTable, type Style } from "../../views/style.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import type { Outcome } from "../script/script.ts";
import type { PlayedAs, PlayedConnection, PlayedRpc } from "./played.ts";
import type { Verdict } from "./verdict.ts";

const MAX_RPCS = 40;
const MAX_LINES = 20;

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
  const isGood = verdict.outcome === "unchanged" || verdict.outcome === "fixed";
  const paint = isGood ? colors.green : colors.red;
  const lines = [...linesOf(verdict), paint(toPrintable(verdict.conclusion))].join("\n");
  return `${[head, ...sections, lines].join("\n\n")}\n`;
}

/** What was fixed and what is wrong, one line each; the conclusion says the first fix itself. */
function linesOf({ outcome, fixed, wrong }: Verdict): readonly string[] {
  const lines = outcome === "fixed" ? fixed.slice(1) : [...fixed, ...wrong];
  const shown = lines.slice(0, MAX_LINES).map(toPrintable);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `and ${renderCount(more, "line")} more, see --json`] : shown;
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
    ...describeScopes(connection),
    ...(connection.source === null ? [] : [`  derived: ${toPrintable(connection.source)}`]),
    ...(connection.missing === null ? [] : [`  not known: ${toPrintable(connection.missing)}`]),
    ...differences.map((difference) => `  ${toPrintable(describeDifference(difference))}`),
    ...(rows.length === 0 ? [] : [renderTable(rows)]),
  ];
  const more = rpcs.length - shown.length;
  if (more > 0) lines.push(`  and ${renderCount(more, "call")} more, see --json`);
  return lines.join("\n");
}

/** Both scope sets, where they are not the same. */
function describeScopes({ scopes, live }: PlayedConnection): readonly string[] {
  const [before, after] = [scopes.before, scopes.after].map((set) =>
    set === null ? "-" : `[${set.map((scope) => scope.replace("operator.", "")).join(" ")}]`,
  );
  if (live === null || before === after) return [];
  return [`  scopes: ${toPrintable(before ?? "-")} before, ${toPrintable(after ?? "-")} now`];
}

function describeRpc(rpc: PlayedRpc): string {
  const { as, difference, nearest, recorded, replayed, source, missing, aftermath } = rpc;
  if (replayed !== null && source !== null) {
    const before = recorded === null ? "" : `${describeOutcome(recorded)} before, `;
    return `${before}${describeOutcome(replayed)} now (derived: ${source})${aftermath === null ? "" : `; ${aftermath}`}`;
  }
  if (missing !== null && difference === null && nearest === null) return `not known: ${missing}`;
  if (difference !== null) return describeDifference(difference);
  if (as === "unmatched") {
    if (nearest === null) return "";
    const used = nearest.used ? ", asked already as often as recorded" : "";
    return `nearest: ${nearest.method} (entry ${nearest.entry}${used})`;
  }
  if (recorded === null) return "was never answered";
  return describeOutcome(recorded);
}

function describeOutcome({ ok, errorCode, errorMessage }: Outcome): string {
  return ok ? "ok" : `${errorCode ?? "error"}: ${errorMessage ?? ""}`;
}

function describeDifference({ path, recorded, live }: ValueDifference): string {
  return `${path}: recorded ${recorded ?? "nothing"}, now ${live ?? "nothing"}`;
}
