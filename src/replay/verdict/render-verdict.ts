import type { ValueDifference } from "../../diff/compare-values.ts";
import { toPrintable } from "../../views/printable.ts";
import { renderCount } from "../../views/quantity.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "../../views/style.ts";
import type { Outcome, PlayedAs, PlayedConnection, PlayedRpc } from "./compare.ts";
import { describeOutcome, type Verdict } from "./verdict.ts";

const MAX_RPCS = 40;
const MAX_LINES = 20;
const MAX_MARKDOWN_ROWS = 100;

/** The verdict as text for people: each connection, before beside now, then the conclusion. Ends with a line break. */
export function renderReplayVerdict(verdict: Verdict, style: Style): string {
  const colors = colorsOf(style);
  const { recordings, connections, outcome, url, conclusion } = verdict;
  const [names, where] = headOf(verdict);
  const head = colors.bold(toPrintable(`${names}${recordings.join(", ")}${where}`));
  const sections = connections.map((connection) =>
    renderConnection(connection, recordings.length > 1, url !== null),
  );
  const isGood = outcome === "unchanged" || outcome === "fixed";
  const paint = isGood ? colors.green : colors.red;
  const why = whyLines(verdict);
  const shown = why.slice(0, MAX_LINES).map(toPrintable);
  const more = why.length - shown.length;
  const tail = more > 0 ? [`and ${renderCount(more, "line")} more, see --json`] : [];
  const lines = [...shown, ...tail, paint(toPrintable(conclusion))].join("\n");
  const notes = verdict.rules.map((note) => renderParagraph("note  ", toPrintable(note), style, 0));
  return `${[head, ...notes, ...sections, lines].join("\n\n")}\n`;
}

/** The verdict as Markdown to paste into an issue: the conclusion, why, and before beside now. Ends with a line break. */
export function renderReplayVerdictMarkdown(verdict: Verdict): string {
  const { recordings, connections, outcome, url, versions, conclusion } = verdict;
  const columns = url === null ? 5 : 4;
  const row = (name: string | number, ...cells: readonly string[]): string =>
    `| ${[String(name), ...cells.map((cell) => code(cell.trim()))].slice(0, columns).join(" | ")} |`;
  const rows = connections.flatMap((connection) => {
    const name = connection.connection ?? `live ${connection.live}`;
    return rowsOf(connection).map((cells) => row(name, ...cells));
  });
  const names = code(recordings.join(", "));
  const head =
    url === null
      ? `replay of ${names}`
      : `clients of ${names} (OpenClaw ${code(versions.before ?? "unknown")}) at ${code(`${url} (OpenClaw ${versions.now ?? "unknown"})`)}`;
  const why = whyLines(verdict);
  const more = rows.length - MAX_MARKDOWN_ROWS;
  return [
    `**${outcome}** - ${head}`,
    "",
    code(conclusion),
    ...verdict.rules.flatMap((note) => ["", code(note)]),
    ...(why.length === 0 ? [] : ["", ...why.map((line) => `- ${code(line)}`)]),
    "",
    `| ${["connection", "what", "recorded", "now", "from"].slice(0, columns).join(" | ")} |`,
    `| ${["---", "---", "---", "---", "---"].slice(0, columns).join(" | ")} |`,
    ...rows.slice(0, MAX_MARKDOWN_ROWS),
    ...(more > 0 ? ["", `and ${more} more`] : []),
    "",
  ].join("\n");
}

function headOf({ url, versions }: Verdict): readonly [before: string, after: string] {
  if (url === null) return ["replay of ", ""];
  const { before, now } = versions;
  return ["clients of ", ` (OpenClaw ${before ?? "unknown"}) at ${url} (OpenClaw ${now ?? "unknown"})`]; // prettier-ignore
}

/** What was fixed and what is wrong, one line each; the conclusion may say the first itself. */
function whyLines({ fixed, wrong, conclusion }: Verdict): readonly string[] {
  return [...fixed, ...wrong].filter(
    (line) => line !== conclusion && !conclusion.startsWith(`${line} (and `),
  );
}

function renderConnection(connection: PlayedConnection, several: boolean, isLive: boolean): string {
  const { live, recording, differences } = connection;
  const rows = rowsOf(connection, MAX_RPCS);
  const recorded =
    connection.connection === null
      ? "no recorded connection"
      : `recorded connection ${connection.connection}${several ? ` of ${recording}` : ""}`;
  const who = connection.client ?? "a client that did not say who it is";
  const head = [live === null ? recorded : `connection ${live}, ${recorded}`, who].join(": ");
  const table = [["", "RECORDED", "NOW", "FROM"], ...rows]
    .map((row) => row.map(toPrintable))
    .map((row) => (isLive ? row.slice(0, 3) : row));
  const more = connection.rpcs.length + 1 - rows.length;
  return [
    toPrintable(head),
    ...differences.map((difference) => `  ${toPrintable(describeDifference(difference))}`),
    renderTable(table),
    ...(more > 0 ? [`  and ${renderCount(more, "call")} more, see --json`] : []),
  ].join("\n");
}

/** The handshake and each call: what it is, how it came out before and now, and where that is from. */
function rowsOf(connection: PlayedConnection, maxRpcs = Infinity): readonly (readonly string[])[] {
  const { scopes, live, recorded, replayed, grade, rpcs } = connection;
  const handshake = [
    "connect",
    `${outcomeText(recorded, connection.connection !== null)}${scopeText(scopes.before)}`,
    live === null
      ? NEVER.connection
      : `${outcomeText(replayed, grade !== "unknown")}${scopeText(scopes.after)}`,
    originText(connection),
  ];
  return [handshake, ...rpcs.slice(0, maxRpcs).map(rowOf)];
}

const NEVER = { connection: "NEVER OPENED", rpc: "NEVER ASKED FOR" };

function rowOf(rpc: PlayedRpc): readonly string[] {
  const { method, as, grade, entry, recorded, replayed, missing, aftermath } = rpc;
  const now =
    as === "never"
      ? NEVER.rpc
      : as === "held-back"
        ? `held back: ${missing}`
        : outcomeText(replayed, grade !== "unknown");
  const origin = originText(rpc);
  const from = aftermath === null ? origin : `${origin}; ${aftermath}`;
  return [method ?? "(no request)", outcomeText(recorded, entry !== null), now, from];
}

const ORIGINS: Readonly<Record<PlayedAs, string>> = {
  same: "as recorded",
  again: "as recorded, once more",
  differing: "",
  unmatched: "not recorded",
  never: "",
  "held-back": "",
};

function originText(played: PlayedConnection | PlayedRpc): string {
  const { as, grade, source, missing, unseen } = played;
  const doubt = unseen === null ? "" : `; recorded: ${unseen}`;
  if (grade === "derived") return `derived: ${source}${doubt}`;
  if (grade !== "unknown") return `${ORIGINS[as]}${doubt}`;
  const why = missing ?? ("nearest" in played ? whyUnknown(played) : ORIGINS[as]);
  return why === "" ? "unknown" : `unknown: ${why}`;
}

function whyUnknown({ as, difference, nearest }: PlayedRpc): string {
  if (difference !== null) return describeDifference(difference);
  if (nearest === null) return ORIGINS[as];
  const used = nearest.used ? ", asked already as often as recorded" : "";
  return `not recorded; nearest: ${nearest.method} (entry ${nearest.entry}${used})`;
}

function outcomeText(outcome: Outcome | null, isKnown: boolean): string {
  if (outcome !== null) return describeOutcome(outcome);
  return isKnown ? "no answer" : "-";
}

function scopeText(scopes: readonly string[] | null): string {
  return scopes === null ? "" : ` [${scopes.join(" ")}]`;
}

function describeDifference({ path, recorded, live }: ValueDifference): string {
  return `${path}: recorded ${recorded ?? "nothing"}, now ${live ?? "nothing"}`;
}

/** A text as a code span: inside one nothing is markup but the backtick, and inside a table the bar. */
function code(text: string): string {
  const plain = toPrintable(text)
    .replaceAll("`", "'")
    .replaceAll("|", String.raw`\|`);
  return plain === "" ? "" : `\`${plain}\``;
}
