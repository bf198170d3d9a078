import { gatewayVersion } from "../findings/diagnose.ts";
import type { Finding } from "../findings/finding.ts";
import type { Severity } from "../findings/catalogue.ts";
import type { RecordingHeader } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderInstant, renderSize } from "./quantity.ts";
import { renderTable } from "./style.ts";

/** What is known of a recording without reading all of it. */
export interface RecordingInfo {
  readonly name: string;
  readonly header: RecordingHeader;
  readonly sizeBytes: number;
  readonly entryCount: number;
  readonly durationMs: number;
  readonly complete: boolean;
  readonly missing: readonly string[];
  /** As the first hello-ok says it. */
  readonly gatewayVersion: string | null;
  readonly connections: number;
  readonly findings: Readonly<Record<Severity, number>>;
  /** False when version, connections and findings are those of the first part only. */
  readonly whole: boolean;
}

/** Counts what the trace of a recording, or of its first part, shows. */
export function countTrace(
  trace: Trace,
  found: readonly Finding[],
): Pick<RecordingInfo, "gatewayVersion" | "connections" | "findings"> {
  return {
    gatewayVersion: gatewayVersion(trace),
    connections: trace.connections.length,
    findings: countFindings(found),
  };
}

/** How many findings there are of each severity. */
export function countFindings(found: readonly Finding[]): Readonly<Record<Severity, number>> {
  const count = (wanted: Severity) => found.filter(({ severity }) => severity === wanted).length;
  return { error: count("error"), warning: count("warning"), info: count("info") };
}

/** What was found, in few words: `2 errors, 1 warning`; a `+` says that only the first part was read. */
export function renderFindingCounts({
  findings,
  whole,
}: Pick<RecordingInfo, "findings" | "whole">): string {
  const more = whole ? "" : "+";
  const parts = (["error", "warning"] as const)
    .filter((severity) => findings[severity] > 0)
    .map((severity) => renderCount(findings[severity], severity) + more);
  if (parts.length > 0) return parts.join(", ");
  return whole ? "no problem" : "no problem so far";
}

/** What stands in the header and how much there is, one thing a line. Ends with a line break. */
export function renderInfo(info: RecordingInfo): string {
  const { header, whole } = info;
  const more = whole ? "" : " or more (only the first part was read)";
  const rows = [
    ["recorded", `${renderInstant(header.startedAt)}, ${renderDuration(info.durationMs)} long`],
    ["by", `gw-trace ${header.toolVersion}, ${header.source}, format ${header.formatVersion}`],
    ["from", `${header.listen ?? "?"} -> ${header.upstream ?? "?"}`],
    [
      "gateway",
      info.gatewayVersion === null ? "version unknown" : `OpenClaw ${info.gatewayVersion}`,
    ],
    ["size", `${renderSize(info.sizeBytes)}, ${info.entryCount.toLocaleString("en-US")} entries`],
    ["connections", `${info.connections.toLocaleString("en-US")}${more}`],
    ["findings", renderFindingCounts(info)],
    ["taken out", renderTakenOut(header)],
    ["whole", info.complete ? "yes, it was closed" : "NO: it was not closed, or is being written"],
    ...(header.part === null ? [] : [["part", `${header.part} of a flight recorder`]]),
    ...(header.replayOf.length === 0 ? [] : [["replay of", header.replayOf.join(", ")]]),
    ...info.missing.map((what) => ["missing", what]),
  ];
  return `${toPrintable(info.name)}\n${renderTable(rows.map((row) => row.map(toPrintable)))}\n`;
}

/** What a recording does not hold any more: what was redacted as it was recorded, and what was scrubbed later. */
export function renderTakenOut({
  redaction,
  scrubbed,
}: Pick<RecordingHeader, "redaction" | "scrubbed">): string {
  if (scrubbed === "identifiers") return "scrubbed of credentials and identifiers";
  if (scrubbed === "content") return "scrubbed of credentials, identifiers and content";
  if (scrubbed === "credentials") return "scrubbed of credentials";
  return redaction === "off" ? "CREDENTIALS IN CLEAR" : "credentials redacted";
}
