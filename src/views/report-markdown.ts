import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import type { Rpc, Trace } from "../trace/model.ts";
import { abbreviateFrame } from "./abbreviate.ts";
import { chooseConnections } from "./choose-connections.ts";
import { nameFindingPlace, renderFinding } from "./findings.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";
import { describeRecording } from "./recording-facts.ts";
import { renderCalls, renderConnections, renderFacts } from "./show.ts";
import { PLAIN_STYLE } from "./style.ts";

const MAX_FRAME_CHARACTERS = 1500;

/** GitHub takes 65,536 characters in an issue. What is beyond these bounds is counted. */
const MAX_SUMMARY_LINES = 20;
const MAX_CONNECTIONS = 30;
const MAX_FAILED_CALLS = 30;
const MAX_FINDINGS = 12;
const MAX_MESSAGE_CHARACTERS = 300;
const MAX_FRAMES = 8;
const MAX_FRAMES_CHARACTERS = 30_000;

/** The entries that findings name as evidence, by recording name and entry number. */
export type Evidence = ReadonlyMap<string, ReadonlyMap<number, Entry>>;

/** A report to paste into an issue: versions, scopes, what failed and why, where it works, and the frames that prove it, in the words of `show`. */
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
  ].join("\n");
}

function renderSummary(findings: readonly Finding[], nameRecordings: boolean): readonly string[] {
  if (findings.length === 0) return ["Nothing went wrong in this recording.", ""];
  return [
    ...findings.slice(0, MAX_SUMMARY_LINES).map((finding) => {
      const where = nameFindingPlace(finding, nameRecordings);
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

function renderRecording(trace: Trace, findings: readonly Finding[]): readonly string[] {
  const { recording, connections } = trace;
  const shown = chooseConnections(trace, findings, MAX_CONNECTIONS);
  const failed = connections.flatMap(({ rpcs }) => rpcs).filter(({ ok }) => ok === false);
  const blocks = [
    renderFacts([...describeRecording(trace), ["by", `gw-trace ${recording.header.toolVersion}`]]),
    renderConnections(shown, PLAIN_STYLE),
    failed.length === 0
      ? ""
      : renderCalls(failed.slice(0, MAX_FAILED_CALLS).map(shorten), PLAIN_STYLE),
  ];
  return [
    `## Recording ${inline(recording.name)}`,
    "",
    ...fence([blocks.filter((block) => block !== "").join("\n\n")]),
    ...renderMoreParagraph(connections.length - shown.length, "more connection"),
    ...renderMoreParagraph(failed.length - MAX_FAILED_CALLS, "more refused call"),
  ];
}

function shorten(rpc: Rpc): Rpc {
  const { error } = rpc;
  if (error === null) return rpc;
  return { ...rpc, error: { ...error, message: error.message.slice(0, MAX_MESSAGE_CHARACTERS) } };
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
      `### ${inline(finding.title)}`,
      "",
      ...fence([renderFinding(finding, PLAIN_STYLE, nameRecordings)]),
      ...(room >= 0 ? frames : ["The frames are left out here: the report would be too long.", ""]),
    );
  }
  return [...lines, ...renderMoreParagraph(findings.length - MAX_FINDINGS, "more finding")];
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
  const lines = [...frames, ...renderMore("", all.length - MAX_FRAMES, "more frame")];
  return ["<details><summary>Frames</summary>", "", ...fence(lines), "</details>", ""];
}

// Text as it stands. A fence longer than any run of backticks inside cannot be closed by what a peer sent.
function fence(lines: readonly string[]): readonly string[] {
  let longest = 2;
  for (const [run] of lines.join("\n").matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const mark = "`".repeat(longest + 1);
  return [`${mark}text`, ...lines, mark, ""];
}

// What comes from the wire must stay text: no table cell, HTML tag, link, mention or code span of its own.
function inline(text: string): string {
  return toPrintable(text).replaceAll(/[\\`*_{}[\]<>|#@!~]/g, (character) =>
    character === "@" ? "&#64;" : `\\${character}`,
  );
}
