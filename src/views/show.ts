import type { Finding } from "../findings/finding.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { renderCircumstances, renderClient } from "./connection.ts";
import { renderFinding } from "./findings.ts";
import { renderHttp } from "./http.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderOffset } from "./quantity.ts";
import { describeRecording } from "./recording-facts.ts";
import { renderResult } from "./rpc-result.ts";
import {
  renderEffectiveLetters,
  renderScopeLetters,
  SCOPE_LETTERS_LEGEND,
} from "./scope-letters.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";
import { isProblem, renderVerdict } from "./verdict.ts";

const MAX_CALLS = 40;
const DETAIL_INDENT = 7;

/** The whole report: for each recording its connections and calls, then all findings. Ends with a line break. */
export function renderShow(
  traces: readonly Trace[],
  findings: readonly Finding[],
  style: Style,
): string {
  const sections = traces.flatMap((trace) => [
    renderHead(trace, style),
    renderConnections(trace.connections, style),
    renderHttp(trace, style),
    renderCalls(
      trace.connections.flatMap(({ rpcs }) => rpcs),
      style,
    ),
  ]);
  sections.push(renderFindings(findings, style, traces.length > 1));
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderHead(trace: Trace, style: Style): string {
  const name = colorsOf(style).bold(toPrintable(trace.recording.name));
  return `${name}\n${renderFacts(describeRecording(trace))}`;
}

/** Pairs of a word and what is to be said about it, a line each. */
export function renderFacts(facts: readonly (readonly string[])[]): string {
  return renderTable(facts.map((row) => row.map(toPrintable)));
}

/** Connections with their scopes and verdicts, each with how it came and went. */
export function renderConnections(connections: readonly Connection[], style: Style): string {
  const colors = colorsOf(style);
  if (connections.length === 0) return "No connection was recorded.";
  const rows = connections.map((connection) => [
    isProblem(connection) ? colors.red("!") : " ",
    `${connection.id}`,
    renderClient(connection),
    ...renderScopeColumns(connection),
    renderVerdict(connection),
  ]);
  const [head = "", ...lines] = renderTable(
    [["", "ID", "CLIENT", "REQUESTED", "GRANTED", "EFFECTIVE", "VERDICT"], ...rows],
    0,
  ).split("\n");
  const details = connections.map((connection) =>
    renderParagraph("", colors.dim(renderCircumstances(connection)), style, DETAIL_INDENT),
  );
  return [
    colors.bold("Connections"),
    head,
    ...lines.flatMap((line, index) => [line, details[index] ?? ""]),
    renderParagraph("", SCOPE_LETTERS_LEGEND, style, 3),
  ].join("\n");
}

function renderScopeColumns(connection: Connection): readonly string[] {
  return [
    renderScopeLetters(connection.scopes.requested),
    renderScopeLetters(connection.scopes.granted),
    renderEffectiveLetters(connection),
  ];
}

/** Calls in order of time, with what came of them; of very many the first. */
export function renderCalls(rpcs: readonly Rpc[], style: Style): string {
  const calls = rpcs.toSorted((left, right) => left.startMs - right.startMs);
  if (calls.length === 0) return "";
  const rows = calls
    .slice(0, MAX_CALLS)
    .map((rpc) => [
      renderOffset(rpc.startMs),
      `${rpc.connection}`,
      toPrintable(rpc.method),
      rpc.durationMs === null ? "" : renderDuration(rpc.durationMs),
      renderResult(rpc, style),
    ]);
  const more = calls.length - MAX_CALLS;
  return [
    colorsOf(style).bold("Calls"),
    renderTable([["TIME", "ID", "METHOD", "TOOK", "RESULT"], ...rows]),
    ...(more > 0 ? [`  … and ${renderCount(more, "more call")}; --json lists them all.`] : []),
  ].join("\n");
}

function renderFindings(
  findings: readonly Finding[],
  style: Style,
  nameRecordings: boolean,
): string {
  const colors = colorsOf(style);
  if (findings.length === 0) return `${colors.bold("Findings")}\n  none`;
  const blocks = findings.map((finding) => renderFinding(finding, style, nameRecordings));
  return `${colors.bold("Findings")}\n${blocks.join("\n\n")}`;
}
