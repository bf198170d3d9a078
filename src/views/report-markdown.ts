import { gatewayVersion } from "../findings/diagnose.ts";
import type { Contrast, Finding } from "../findings/finding.ts";
import { nameGap, nameScopes } from "../findings/wording.ts";
import type { Entry } from "../recording/entry.ts";
import { tellRulesOf } from "../trace/build.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { abbreviateFrame } from "./abbreviate.ts";
import { chooseConnections } from "./choose-connections.ts";
import { renderCircumstances, renderClient } from "./connection.ts";
import { renderTakenOut } from "./info.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderInstant } from "./quantity.ts";
import { renderVerdict } from "./verdict.ts";

const MAX_FRAME_CHARACTERS = 1500;

/** GitHub takes 65,536 characters in an issue. What is beyond these bounds is counted. */
const MAX_SUMMARY_LINES = 20;
const MAX_CONNECTIONS = 30;
const MAX_FAILED_CALLS = 30;
const MAX_FINDINGS = 12;
const MAX_GAPS = 5;
const MAX_MESSAGE_CHARACTERS = 300;
const MAX_FRAMES = 8;
const MAX_FRAMES_CHARACTERS = 30_000;

/** The entries that findings name as evidence, by recording name and entry number. */
export type Evidence = ReadonlyMap<string, ReadonlyMap<number, Entry>>;

/** A report to paste into an issue: versions, scopes, what failed and why, where it works, and the frames that prove it. */
export function renderMarkdownReport(
  traces: readonly Trace[],
  findings: readonly Finding[],
  evidence: Evidence,
): string {
  const worst = findings.filter(({ severity }) => severity !== "info");
  return [
    ...renderSummary(worst, traces.length > 1),
    ...traces.flatMap((trace) => renderRecording(trace, worst)),
    ...renderFindings(worst, evidence, traces.length > 1),
    ...renderMaking(traces),
  ].join("\n");
}

function renderSummary(findings: readonly Finding[], nameRecordings: boolean): readonly string[] {
  if (findings.length === 0) return ["Nothing went wrong in this recording.", ""];
  return [
    ...findings.slice(0, MAX_SUMMARY_LINES).map((finding) => {
      const where = placeOf(finding, nameRecordings);
      return `- ${inline(finding.title)}${where === "" ? "" : ` (${inline(where)})`}`;
    }),
    ...renderMore("- ", findings.length - MAX_SUMMARY_LINES, "more finding"),
    "",
  ];
}

// Says how many are left out; nothing when none is.
function renderMore(prefix: string, count: number, noun: string): readonly string[] {
  return count > 0 ? [`${prefix}… and ${renderCount(count, noun)}`] : [];
}

function renderMoreParagraph(count: number, noun: string): readonly string[] {
  return count > 0 ? [...renderMore("", count, noun), ""] : [];
}

function placeOf({ recording, connection }: Finding, nameRecording: boolean): string {
  return [
    ...(nameRecording ? [recording] : []),
    ...(connection === null ? [] : [`connection ${connection}`]),
  ].join(", ");
}

function renderRecording(trace: Trace, findings: readonly Finding[]): readonly string[] {
  const { recording, connections } = trace;
  const version = gatewayVersion(trace);
  const shown = chooseConnections(trace, findings, MAX_CONNECTIONS);
  const rows = shown.map(
    (connection) =>
      `| ${[connection.id, renderClient(connection), ...scopeCells(connection), renderVerdict(connection), renderCircumstances(connection)].map((cell) => inline(String(cell))).join(" | ")} |`,
  );
  return [
    `## Recording ${inline(recording.name)}`,
    "",
    `Gateway: ${version === null ? "unknown version" : `OpenClaw ${inline(version)}`}. ${renderCount(connections.length, "connection")}.`,
    ...tellRulesOf(trace).map((note) => `${inline(note)}.`),
    "",
    "| # | client | requested | granted | effective | verdict | circumstances |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...renderMoreParagraph(connections.length - shown.length, "more connection"),
    ...renderFailedCalls(connections),
  ];
}

function nameEffective({ effective, effectiveFrom }: Connection["scopes"]): string {
  if (effectiveFrom !== "unknown") return nameScopes(effective);
  return effective.length === 0 ? "unknown" : `${nameScopes(effective)}, and unknown others`;
}

function scopeCells({ scopes, outcome }: Connection): readonly string[] {
  const granted = scopes.granted === null ? "not said" : nameScopes(scopes.granted);
  return [
    nameScopes(scopes.requested),
    granted,
    outcome === "accepted" ? nameEffective(scopes) : "-",
  ];
}

function renderFailedCalls(connections: readonly Connection[]): readonly string[] {
  const failed = connections.flatMap(({ rpcs }) => rpcs).filter(({ ok }) => ok === false);
  if (failed.length === 0) return [];
  const rows = failed
    .slice(0, MAX_FAILED_CALLS)
    .map(
      ({ connection, method, error, durationMs }) =>
        `| ${connection} | ${inline(method)} | ${inline(error?.code ?? "")} | ${inline((error?.message ?? "").slice(0, MAX_MESSAGE_CHARACTERS))} | ${renderDuration(durationMs ?? 0)} |`,
    );
  return [
    "| connection | refused call | code | message | after |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...renderMoreParagraph(failed.length - MAX_FAILED_CALLS, "more refused call"),
  ];
}

function renderFindings(
  findings: readonly Finding[],
  evidence: Evidence,
  nameRecordings: boolean,
): readonly string[] {
  if (findings.length === 0) return [];
  const lines = ["## Findings", ""];
  let room = MAX_FRAMES_CHARACTERS;
  for (const finding of findings.slice(0, MAX_FINDINGS)) {
    const entries = evidence.get(finding.recording);
    const frames = renderFrames(finding.evidence.map((number) => entries?.get(number)));
    room -= frames.join("").length;
    lines.push(
      ...renderFindingSection(finding, nameRecordings),
      ...(room >= 0 ? frames : ["The frames are left out here: the report would be too long.", ""]),
    );
  }
  return [...lines, ...renderMoreParagraph(findings.length - MAX_FINDINGS, "more finding")];
}

function renderFindingSection(finding: Finding, nameRecording: boolean): readonly string[] {
  const where = placeOf(finding, nameRecording);
  return [
    `### ${inline(finding.title)}`,
    "",
    `\`${finding.code}\`${where === "" ? "" : `, ${inline(where)}`}`,
    "",
    `**Why:** ${inline(finding.why)}`,
    "",
    `**Fix:** ${inline(finding.fix)}`,
    "",
    ...(finding.contrast === null ? [] : renderContrast(finding.contrast)),
  ];
}

function renderContrast({
  method,
  recording,
  connection,
  differences,
}: Contrast): readonly string[] {
  const rows = differences.map(
    ({ field, failed, succeeded }) => `| ${[field, failed, succeeded].map(inline).join(" | ")} |`,
  );
  const where = `**Contrast:** ${inline(method)} succeeded on connection ${connection} of ${inline(recording)}`;
  if (rows.length === 0) return [`${where}, with the same handshake.`, ""];
  return [
    `${where}. Most likely cause first:`,
    "",
    "| differs in | here | there |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ];
}

function renderFrames(entries: readonly (Entry | undefined)[]): readonly string[] {
  const all = entries.flatMap((entry) =>
    entry?.kind === "message" && entry.message.type === "text"
      ? [{ head: `#${entry.entry} ${entry.from}`, text: entry.message.text }]
      : [],
  );
  const frames = all
    .slice(0, MAX_FRAMES)
    .map(
      ({ head, text }) => `${head}: ${toPrintable(abbreviateFrame(text, MAX_FRAME_CHARACTERS))}`,
    );
  if (frames.length === 0) return [];
  // A fence longer than any run of backticks inside cannot be closed by what a peer sent.
  let longest = 0;
  for (const [run] of frames.join("\n").matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(Math.max(3, longest + 1));
  return [
    "<details><summary>Frames</summary>",
    "",
    `${fence}text`,
    ...frames,
    ...renderMore("", all.length - MAX_FRAMES, "more frame"),
    fence,
    "",
    "</details>",
    "",
  ];
}

function renderMaking(traces: readonly Trace[]): readonly string[] {
  return [
    "## How it was recorded",
    "",
    ...traces.map(({ recording: { name, header, complete, missing, entryCount }, gaps }) =>
      [
        `- ${inline(name)}: gw-trace ${header.toolVersion}, ${header.source}, ${renderInstant(header.startedAt)}`,
        `${header.listen ?? "?"} -> ${header.upstream ?? "?"}`,
        `${entryCount} entries, ${complete ? "complete" : "not complete"}`,
        renderTakenOut(header),
        ...missing,
        ...gaps.slice(0, MAX_GAPS).map((gap) => `a gap ${nameGap(gap)}`),
      ]
        .map(inline)
        .join("; "),
    ),
    "",
  ];
}

// What comes from the wire must stay text: no table cell, HTML tag, link, mention or code span of its own.
function inline(text: string): string {
  return toPrintable(text).replaceAll(/[\\`*_{}[\]<>|#@!~]/g, (character) =>
    character === "@" ? "&#64;" : `\\${character}`,
  );
}
