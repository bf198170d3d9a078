import type { Finding } from "../../findings/finding.ts";
import { attributesOf, type OtlpEvent } from "./span.ts";

/** The codes of findings, each once. */
export function codesOf(findings: readonly Finding[]): readonly string[] | null {
  return findings.length === 0 ? null : [...new Set(findings.map(({ code }) => code))];
}

/** A finding as an event of the span that it is about. */
export function buildFindingEvent(finding: Finding, unixMs: number): OtlpEvent {
  return {
    name: "gw_trace.finding",
    unixMs,
    attributes: attributesOf({
      "gw_trace.finding.code": finding.code,
      "gw_trace.finding.severity": finding.severity,
      "gw_trace.finding.title": finding.title,
      "gw_trace.finding.why": finding.why,
      "gw_trace.finding.fix": finding.fix,
      "gw_trace.finding.evidence": finding.evidence,
    }),
  };
}

/** The title of the first finding that is an error. */
export function errorOf(findings: readonly Finding[]): string | null {
  return findings.find(({ severity }) => severity === "error")?.title ?? null;
}
