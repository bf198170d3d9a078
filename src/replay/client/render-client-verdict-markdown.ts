import { code, row } from "../verdict/markdown-cells.ts";
import { renderCameOut } from "./render-client-verdict.ts";
import type { CameOut, ClientVerdict, ComparedConnection } from "./client-verdict.ts";

const MAX_ROWS = 100;

/** What recorded clients met at another Gateway, as Markdown to paste into an issue. Ends with a line break. */
export function renderClientVerdictMarkdown(verdict: ClientVerdict): string {
  const { recording, url, versions, outcome, fixed, wrong, conclusion } = verdict;
  const rows = verdict.connections.flatMap(rowsOf);
  const why = [...fixed, ...wrong].filter((line) => line !== conclusion);
  const more = rows.length - MAX_ROWS;
  const at = `${url} (OpenClaw ${versions.now ?? "unknown"})`;
  return [
    `**${outcome}** - clients of ${code(recording)} (OpenClaw ${code(versions.before ?? "unknown")}) at ${code(at)}`,
    "",
    code(conclusion),
    ...(why.length === 0 ? [] : ["", ...why.map((line) => `- ${code(line)}`)]),
    "",
    "| connection | what | recorded | now |",
    "| --- | --- | --- | --- |",
    ...rows.slice(0, MAX_ROWS),
    ...(more > 0 ? ["", `and ${more} more`] : []),
    "",
  ].join("\n");
}

function rowsOf({ connection, before, now, scopes, rpcs }: ComparedConnection): readonly string[] {
  return [
    row(connection, "connect", withScopes(before, scopes.before), withScopes(now, scopes.now)),
    ...rpcs.map((rpc) =>
      row(
        connection,
        rpc.method,
        renderCameOut(rpc.before),
        rpc.heldBack === null ? renderCameOut(rpc.now) : `held back: ${rpc.heldBack}`,
      ),
    ),
  ];
}

function withScopes(cameOut: CameOut | null, scopes: readonly string[] | null): string {
  return scopes === null
    ? renderCameOut(cameOut)
    : `${renderCameOut(cameOut)} [${scopes.join(" ")}]`;
}
