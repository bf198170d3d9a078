import { NOT_MEASURED } from "../gateway/measured.ts";
import { holdsScope } from "../gateway/scopes.ts";
import { tellRulesOf } from "../trace/build.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { isFinding, type Severity } from "./catalogue.ts";
import type { Finding } from "./finding.ts";
import { lossesOf } from "./losses.ts";
import { groupBy, handshakeEntries, MAX_EVIDENCE, timesOf } from "./rule.ts";

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
  const passed = !failOn.some((wanted) => isMeant(finding, wanted));
  const details = [why, fix];
  return { rule: "finding", passed, recording, connection, title, details, evidence, finding };
}

function isMeant({ code, severity }: Finding, wanted: string): boolean {
  const least = SEVERITIES.findIndex((name) => name === wanted);
  return least >= 0 ? SEVERITIES.indexOf(severity) >= least : isFinding(code, wanted);
}

interface Place {
  readonly trace: Trace;
  readonly connection: Connection;
}

interface Called extends Place {
  readonly rpc: Rpc;
}

function placesOf(traces: readonly Trace[]): readonly Place[] {
  return traces.flatMap((trace) => trace.connections.map((connection) => ({ trace, connection })));
}

function callsOf(traces: readonly Trace[], wanted: (rpc: Rpc) => boolean): readonly Called[] {
  return placesOf(traces).flatMap((place) =>
    place.connection.rpcs.filter(wanted).map((rpc) => ({ ...place, rpc })),
  );
}

/** What came of an expectation, on a connection or, without one, on all together. */
function item(
  rule: CheckRule,
  passed: boolean,
  title: string,
  place: Place | null = null,
  evidence: readonly (number | null)[] = [],
): CheckItem {
  return {
    rule,
    passed,
    recording: place?.trace.recording.name ?? null,
    connection: place?.connection.id ?? null,
    title,
    details: [],
    evidence: evidence.filter((entry) => entry !== null).slice(0, MAX_EVIDENCE),
    finding: null,
  };
}

function checkExpected(method: string, traces: readonly Trace[]): CheckItem {
  const rule = "expect-method";
  const calls = callsOf(traces, (rpc) => rpc.method === method);
  const answered = calls.filter(({ rpc }) => rpc.ok === true && rpc.final?.ok !== false);
  const [failed] = calls;
  if (failed === undefined) {
    const gaps = isBlind(traces) ? ", as far as was recorded: there are gaps" : "";
    return item(rule, false, `${method} was never called${gaps}`);
  }
  if (answered.length > 0) {
    const count = `${answered.length} of ${calls.length}`;
    return item(rule, true, `${method} was called and answered ok (${count})`);
  }
  const error = failed.rpc.error ?? failed.rpc.final?.error ?? null;
  const why = error === null ? "no answer" : error.message || error.code;
  return item(rule, false, `${method} was never answered ok: ${why}`, failed, entriesOf(calls));
}

function checkForbidden(method: string, traces: readonly Trace[]): readonly CheckItem[] {
  const rule = "forbid-method";
  const calls = callsOf(traces, (rpc) => rpc.method === method);
  if (calls.length === 0) {
    return isBlind(traces)
      ? [item(rule, false, `whether ${method} was called is unknown: not all was recorded`)]
      : [item(rule, true, `${method} was not called`)];
  }
  return groupBy(calls, ({ connection }) => connection).map((own) => {
    const title = `${method} was called${timesOf(own)}`;
    return item(rule, false, title, own[0], entriesOf(own));
  });
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
  const rule = "expect-scope";
  const accepted = placesOf(traces).filter(({ connection }) => connection.outcome === "accepted");
  if (accepted.length === 0) {
    return [item(rule, false, `no connection was accepted, so none holds ${scope}`)];
  }
  const lacking = accepted.filter(
    ({ connection: { scopes } }) => holdsScope(scopes.effective, scope, scopes.implies) !== true,
  );
  if (lacking.length === 0) {
    return [item(rule, true, `every accepted connection holds ${scope} (${accepted.length})`)];
  }
  return lacking.map((place) => {
    const { effective, effectiveFrom, requested, implies } = place.connection.scopes;
    const isUnknown =
      effectiveFrom === "unknown" || holdsScope(effective, scope, implies) === NOT_MEASURED;
    const asked =
      holdsScope(requested ?? [], scope, implies) === true
        ? "although it asked for it"
        : "nor did it ask for it";
    const title = isUnknown
      ? `it is not known whether the connection holds ${scope}`
      : `the connection does not hold ${scope}, ${asked}`;
    return item(rule, false, title, place, handshakeEntries(place.connection));
  });
}

function checkLatency(maxLatencyMs: number, traces: readonly Trace[]): readonly CheckItem[] {
  const rule = "max-latency";
  const answered = callsOf(traces, ({ durationMs }) => durationMs !== null);
  const slow = answered.filter(({ rpc }) => (rpc.durationMs ?? 0) > maxLatencyMs);
  if (slow.length === 0) {
    const title = `every call was answered within ${maxLatencyMs} ms (${answered.length})`;
    return [item(rule, true, title)];
  }
  return slow.map((called) => {
    const { method, durationMs } = called.rpc;
    const title = `${method} took ${Math.round(durationMs ?? 0)} ms, over ${maxLatencyMs} ms`;
    return item(rule, false, title, called, entriesOf([called]));
  });
}

function entriesOf(calls: readonly Called[]): readonly (number | null)[] {
  return calls.flatMap(({ rpc }) => [rpc.requestEntry, rpc.responseEntry]);
}
