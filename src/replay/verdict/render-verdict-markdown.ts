import type { Outcome } from "../script/script.ts";
import { code, row } from "./markdown-cells.ts";
import type { PlayedConnection, PlayedRpc } from "./played.ts";
import type { Verdict } from "./verdict.ts";

const MAX_ROWS = 100;

/** The verdict as Markdown to paste into an issue: the conclusion, why, and before beside after. Ends with a line break. */
export function renderReplayVerdictMarkdown(verdict: Verdict): string {
  const rows = verdict.connections.flatMap(rowsOf);
  const why =
    verdict.outcome === "fixed" ? verdict.fixed.slice(1) : [...verdict.fixed, ...verdict.wrong];
  const more = rows.length - MAX_ROWS;
  return [
    `**${verdict.outcome}** - replay of ${code(verdict.recordings.join(", "))}`,
    "",
    code(verdict.conclusion),
    ...(why.length === 0 ? [] : ["", ...why.map((line) => `- ${code(line)}`)]),
    "",
    "| connection | what | before | now | from |",
    "| --- | --- | --- | --- | --- |",
    ...rows.slice(0, MAX_ROWS),
    ...(more > 0 ? ["", `and ${more} more`] : []),
    "",
  ].join("\n");
}

function rowsOf(connection: PlayedConnection): readonly string[] {
  const name = connection.connection ?? `live ${connection.live}`;
  const { scopes, recorded, replayed, live } = connection;
  const handshake = row(
    name,
    "connect",
    `${outcomeText(recorded)} ${scopeText(scopes.before)}`,
    live === null ? "never made" : `${outcomeText(replayed)} ${scopeText(scopes.after)}`,
    originText(connection),
  );
  const rpcs = connection.rpcs.map((rpc) =>
    row(
      name,
      rpc.method ?? "(no request)",
      outcomeText(rpc.recorded),
      rpc.as === "never" ? "never asked for" : outcomeText(rpc.replayed),
      rpc.aftermath === null ? originText(rpc) : `${originText(rpc)}; ${rpc.aftermath}`,
    ),
  );
  return [handshake, ...rpcs];
}

function originText({ grade, source, missing }: PlayedConnection | PlayedRpc): string {
  if (grade === "derived") return `derived: ${source}`;
  return missing === null ? (grade ?? "-") : `unknown: ${missing}`;
}

function outcomeText(outcome: Outcome | null): string {
  if (outcome === null) return "-";
  return outcome.ok ? "ok" : `${outcome.errorCode ?? "error"}: ${outcome.errorMessage ?? ""}`;
}

function scopeText(scopes: readonly string[] | null): string {
  return scopes === null ? "" : `[${scopes.join(" ")}]`;
}
