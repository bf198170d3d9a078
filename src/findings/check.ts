import { NOT_MEASURED } from "../gateway/measured.ts";
import { holdsScope } from "../gateway/scopes.ts";
import { tellRulesOf } from "../trace/build.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { isFinding } from "./catalogue.ts";
import type { Finding } from "./finding.ts";
import type { Severity } from "./catalogue.ts";
import { lossesOf } from "./losses.ts";

/** What a recording has to show to pass. */
export interface Expectations {
  /** Severities (that one and worse), finding codes and families that fail the check; empty when no finding does. */
  readonly failOn: readonly string[];
  /** Methods that have to be called and answered ok. */
  readonly expectMethods: readonly string[];
  readonly forbidMethods: readonly string[];
  /** Scopes that every accepted connection has to hold effectively. */
  readonly expectScopes: readonly string[];
  readonly maxLatencyMs: number | null;
}

/** What was checked: a finding, or an expectation of the user's. */
export type CheckRule = "finding" | (typeof EXPECTATION_RULES)[number];

/** The expectations there are, as their options are called. */
export const EXPECTATION_RULES = [
  "expect-method",
  "forbid-method",
  "expect-scope",
  "max-latency",
] as const;

/** One thing that was checked. A finding that does not fail the check is listed as well, as passed. */
export interface CheckItem {
  readonly rule: CheckRule;
  readonly passed: boolean;
  /** Null when it is about all recordings together. */
  readonly recording: string | null;
  readonly connection: number | null;
  readonly title: string;
  /** More sentences, each a line of its own. */
  readonly details: readonly string[];
  /** Entries that prove it. */
  readonly evidence: readonly number[];
  readonly finding: Finding | null;
}

/** What a check came to. */
export interface CheckResult {
  readonly passed: boolean;
  /** How much was looked at: nothing to look at is no proof that all is well. */
  readonly connections: number;
  readonly rpcs: number;
  readonly items: readonly CheckItem[];
  /** What is to be said of the rules that were applied. */
  readonly rules: readonly string[];
}

const SEVERITIES: readonly Severity[] = ["info", "warning", "error"];
const MAX_EVIDENCE = 20;

/** Checks traces against expectations. Pure: an item for every expectation and every finding. */
export function checkTraces(
  traces: readonly Trace[],
  findings: readonly Finding[],
  expectations: Expectations,
): CheckResult {
  const { expectMethods, forbidMethods, expectScopes, maxLatencyMs } = expectations;
  const items = [
    ...findings.map((finding) => checkFinding(finding, expectations.failOn)),
    ...expectMethods.map((method) => checkExpected(method, traces)),
    ...forbidMethods.flatMap((method) => checkForbidden(method, traces)),
    ...expectScopes.flatMap((scope) => checkScope(scope, traces)),
    ...(maxLatencyMs === null ? [] : checkLatency(maxLatencyMs, traces)),
  ];
  const connections = traces.flatMap((trace) => trace.connections);
  return {
    passed: items.every(({ passed }) => passed),
    connections: connections.length,
    rpcs: connections.reduce((sum, { rpcs }) => sum + rpcs.length, 0),
    items,
    rules: traces.flatMap(tellRulesOf),
  };
}

function checkFinding(finding: Finding, failOn: readonly string[]): CheckItem {
  const { recording, connection, title, why, fix, evidence } = finding;
  return {
    rule: "finding",
    passed: !failOn.some((wanted) => isMeant(finding, wanted)),
    recording,
    connection,
    title,
    details: [why, fix],
    evidence,
    finding,
  };
}

function isMeant({ code, severity }: Finding, wanted: string): boolean {
  const least = SEVERITIES.findIndex((name) => name === wanted);
  return least >= 0 ? SEVERITIES.indexOf(severity) >= least : isFinding(code, wanted);
}

interface Called {
  readonly trace: Trace;
  readonly connection: Connection;
  readonly rpc: Rpc;
}

function callsOf(traces: readonly Trace[], wanted: (rpc: Rpc) => boolean): readonly Called[] {
  return traces.flatMap((trace) =>
    trace.connections.flatMap((connection) =>
      connection.rpcs.filter(wanted).map((rpc) => ({ trace, connection, rpc })),
    ),
  );
}

function checkExpected(method: string, traces: readonly Trace[]): CheckItem {
  const calls = callsOf(traces, (rpc) => rpc.method === method);
  const answered = calls.filter(({ rpc }) => rpc.ok === true && rpc.final?.ok !== false);
  const [failed] = calls;
  const item = { rule: "expect-method", passed: answered.length > 0, details: [] } as const;
  if (answered.length > 0 || failed === undefined) {
    const title =
      failed === undefined
        ? `${method} was never called${isBlind(traces) ? ", as far as was recorded: there are gaps" : ""}`
        : `${method} was called and answered ok (${answered.length} of ${calls.length})`;
    return { ...item, ...about(null), title, evidence: [] };
  }
  const error = failed.rpc.error ?? failed.rpc.final?.error ?? null;
  return {
    ...item,
    ...about(failed),
    title: `${method} was never answered ok: ${error === null ? "no answer" : error.message || error.code}`,
    evidence: entriesOf(calls),
  };
}

function checkForbidden(method: string, traces: readonly Trace[]): readonly CheckItem[] {
  const calls = callsOf(traces, (rpc) => rpc.method === method);
  const item = { rule: "forbid-method", details: [] } as const;
  if (calls.length === 0) {
    const passed = !isBlind(traces);
    const title = passed
      ? `${method} was not called`
      : `whether ${method} was called is unknown: not all was recorded`;
    return [{ ...item, ...about(null), passed, title, evidence: [] }];
  }
  return byConnection(calls).map((group) => ({
    ...item,
    ...about(group[0] ?? null),
    passed: false,
    title: `${method} was called${timesOf(group.length)}`,
    evidence: entriesOf(group),
  }));
}

// What was not recorded may have been any call.
function isBlind(traces: readonly Trace[]): boolean {
  return traces.some(
    (trace) =>
      trace.recording.missing.length > 0 ||
      lossesOf(trace).length > 0 ||
      trace.connections.some(({ gaps }) => gaps.some(({ side }) => side === "client")),
  );
}

function checkScope(scope: string, traces: readonly Trace[]): readonly CheckItem[] {
  const accepted = traces.flatMap((trace) =>
    trace.connections
      .filter(({ outcome }) => outcome === "accepted")
      .map((connection) => ({ trace, connection })),
  );
  const lacking = accepted.filter(
    ({ connection: { scopes } }) => holdsScope(scopes.effective, scope, scopes.implies) !== true,
  );
  const item = { rule: "expect-scope", details: [] } as const;
  if (lacking.length === 0) {
    const none = accepted.length === 0;
    const title = none
      ? `no connection was accepted, so none holds ${scope}`
      : `every accepted connection holds ${scope} (${accepted.length})`;
    return [{ ...item, ...about(null), passed: !none, title, evidence: [] }];
  }
  return lacking.map((place) => {
    const { handshake, scopes } = place.connection;
    const { effective, effectiveFrom, requested, implies } = scopes;
    const isUnknown =
      effectiveFrom === "unknown" || holdsScope(effective, scope, implies) === NOT_MEASURED;
    const asked =
      holdsScope(requested ?? [], scope, implies) === true
        ? "although it asked for it"
        : "nor did it ask for it";
    return {
      ...item,
      ...about(place),
      passed: false,
      title: isUnknown
        ? `it is not known whether the connection holds ${scope}`
        : `the connection does not hold ${scope}, ${asked}`,
      evidence: [handshake.connectEntry, handshake.answerEntry].filter((entry) => entry !== null),
    };
  });
}

function checkLatency(maxLatencyMs: number, traces: readonly Trace[]): readonly CheckItem[] {
  const answered = callsOf(traces, ({ durationMs }) => durationMs !== null);
  const slow = answered.filter(({ rpc }) => (rpc.durationMs ?? 0) > maxLatencyMs);
  const item = { rule: "max-latency", details: [] } as const;
  if (slow.length === 0) {
    const title = `every call was answered within ${maxLatencyMs} ms (${answered.length})`;
    return [{ ...item, ...about(null), passed: true, title, evidence: [] }];
  }
  return slow.map((called) => ({
    ...item,
    ...about(called),
    passed: false,
    title: `${called.rpc.method} took ${Math.round(called.rpc.durationMs ?? 0)} ms, over ${maxLatencyMs} ms`,
    evidence: entriesOf([called]),
  }));
}

function about(
  place: Pick<Called, "trace" | "connection"> | null,
): Pick<CheckItem, "recording" | "connection" | "finding"> {
  return {
    recording: place?.trace.recording.name ?? null,
    connection: place?.connection.id ?? null,
    finding: null,
  };
}

function byConnection(calls: readonly Called[]): readonly (readonly Called[])[] {
  const connections = new Set(calls.map(({ connection }) => connection));
  return [...connections].map((wanted) => calls.filter(({ connection }) => connection === wanted));
}

function entriesOf(calls: readonly Called[]): readonly number[] {
  return calls
    .flatMap(({ rpc }) => [rpc.requestEntry, rpc.responseEntry])
    .filter((entry) => entry !== null)
    .slice(0, MAX_EVIDENCE);
}

function timesOf(count: number): string {
  return count === 1 ? "" : ` ${count} times`;
}
