import { lackingScopes } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { groupBy, MAX_EVIDENCE, type FindingDraft } from "./rule.ts";
import { nameClient, nameScopes } from "./wording.ts";

/** So many connections of one client within the window are a storm. OpenClaw's own clients back off 1, 2, 4, 8, 16, 30 s. */
const STORM_CONNECTIONS = 6;
const STORM_WINDOW_MS = 10_000;

/** A call counts as slow at ten times the median of its method, and not below a second; a median needs a few calls. */
const SLOW_FACTOR = 10;
const SLOW_MIN_MS = 1000;
const SLOW_MIN_CALLS = 5;

/** A finding that only several connections together show, and the one that it is told of. */
interface TraceDraft extends FindingDraft {
  readonly connection: number;
}

/** What shows only across the connections of a recording: storms, shrinking scopes, slow calls. */
export function diagnoseRecurrence(trace: Trace): readonly TraceDraft[] {
  return [...diagnoseStorms(trace), ...diagnoseShrinkingScopes(trace), ...diagnoseSlowCalls(trace)];
}

// Who a client is, as far as its handshake says: the kind, its name, the device and what it asks for.
function identityOf({ handshake, scopes }: Connection): string {
  const { connect } = handshake;
  return JSON.stringify([
    connect?.client.id,
    connect?.client.mode,
    connect?.client.displayName,
    connect?.device?.id,
    scopes.requested,
  ]);
}

function diagnoseStorms({ connections }: Trace): readonly TraceDraft[] {
  const clients = connections.filter(
    ({ handshake, gaps }) =>
      handshake.connect !== null && handshake.hello === null && gaps.length === 0,
  );
  return groupBy(clients, identityOf).flatMap((group) => {
    const storm = densestWindow(group);
    const [first] = storm;
    if (first === undefined || storm.length < STORM_CONNECTIONS) return [];
    return {
      connection: first.id,
      code: "reconnect-storm",
      title: `${nameClient(first)} connected ${storm.length} times within ${STORM_WINDOW_MS / 1000} s and was never accepted`,
      why: "The client tries again although the refusal cannot change by itself.",
      fix: "Let the client pause after 1002 and 1008, as OpenClaw's own clients do, and solve the refusal first.",
      evidence: storm.slice(0, MAX_EVIDENCE).map(({ openedEntry }) => openedEntry),
    };
  });
}

function densestWindow(connections: readonly Connection[]): readonly Connection[] {
  let densest: readonly Connection[] = [];
  let from = 0;
  for (const [to, connection] of connections.entries()) {
    while (connection.openedMs - (connections[from]?.openedMs ?? 0) > STORM_WINDOW_MS) from += 1;
    if (to - from + 1 > densest.length) densest = connections.slice(from, to + 1);
  }
  return densest;
}

function diagnoseShrinkingScopes({ connections }: Trace): readonly TraceDraft[] {
  const devices = connections.filter(
    ({ handshake, outcome }) =>
      outcome === "accepted" && handshake.connect?.device !== null && handshake.connect !== null,
  );
  return groupBy(
    devices,
    ({ handshake }) => `${handshake.connect?.device?.id}\n${handshake.connect?.role}`,
  ).flatMap((group) =>
    group.slice(1).flatMap((connection, index) => {
      const before = group[index];
      if (before === undefined) return [];
      const { effective, effectiveFrom, implies, requested } = connection.scopes;
      const asked = new Set(requested);
      // Asking for less is the client's own wish; shrinking means asking for it again and not getting it.
      const kept = before.scopes.effective.filter((scope) => asked.has(scope));
      const lost = lackingScopes(kept, effective, implies);
      if (lost.length === 0 || effectiveFrom === "unknown") return [];
      return {
        connection: connection.id,
        code: "scopes-shrank",
        title: `the device held ${nameScopes(lost)} on connection ${before.id} and no longer does`,
        why: "The same device asked for the same scopes again, and the Gateway gave it fewer.",
        fix: "Look at what the device is approved for with: openclaw devices list",
        evidence: [
          before.handshake.answerEntry,
          connection.handshake.connectEntry,
          connection.handshake.answerEntry,
        ],
      };
    }),
  );
}

function diagnoseSlowCalls({ connections }: Trace): readonly TraceDraft[] {
  const answered = connections
    .flatMap(({ rpcs }) => rpcs)
    .filter(({ durationMs }) => durationMs !== null);
  return groupBy(answered, ({ method }) => method).flatMap((group) => {
    if (group.length < SLOW_MIN_CALLS) return [];
    const medianMs = medianDuration(group);
    const slow = group.filter(
      ({ durationMs }) => (durationMs ?? 0) > Math.max(SLOW_MIN_MS, SLOW_FACTOR * medianMs),
    );
    const [first] = slow;
    if (first === undefined) return [];
    const slowestMs = slow.reduce((most, { durationMs }) => Math.max(most, durationMs ?? 0), 0);
    return {
      connection: first.connection,
      code: "slow-call",
      rpc: first.id,
      title: `${first.method} took ${Math.round(slowestMs)} ms; its median here is ${Math.round(medianMs)} ms`,
      why: `${slow.length} of ${group.length} calls of ${first.method} took more than ${SLOW_FACTOR} times the median.`,
      fix: "Look at the Gateway's log at that time.",
      evidence: slow
        .slice(0, MAX_EVIDENCE)
        .flatMap(({ requestEntry, responseEntry }) => [requestEntry, responseEntry]),
    };
  });
}

function medianDuration(rpcs: readonly Rpc[]): number {
  const durations = rpcs
    .map(({ durationMs }) => durationMs ?? 0)
    .toSorted((left, right) => left - right);
  return durations[Math.floor(durations.length / 2)] ?? 0;
}
