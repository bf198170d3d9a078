import { diagnose } from "../findings/diagnose.ts";
import { findingsByConnection } from "../findings/rule.ts";
import { lossesOf } from "../findings/losses.ts";
import { nameGap } from "../findings/wording.ts";
import { maskText } from "../gateway/volatile.ts";
import { mayMissBefore } from "../trace/gaps.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { compareHandshakes } from "./compare-handshakes.ts";
import { compareRpcs } from "./compare-rpcs.ts";
import type { ConnectionDiff, FindingLine, RecordingDiff, Sides } from "./model.ts";
import { nameConnection, pairConnections } from "./pair-connections.ts";
import type { Pair } from "./pair-items.ts";
import { readDigests, type ComparedRecording } from "./read-compared.ts";

/** So many gaps are told of one by one. */
const MAX_GAPS = 20;

type FindingsOf = Sides<(connection: number) => readonly FindingLine[]>;

/** Compares two recordings by connection and rpc. `payloads` false leaves params and payloads out. */
export async function compareRecordings(
  a: ComparedRecording,
  b: ComparedRecording,
  { payloads = true }: { readonly payloads?: boolean } = {},
): Promise<RecordingDiff> {
  const findings = { a: findingsBy(a.trace), b: findingsBy(b.trace) };
  const compared = { connections: 0, rpcs: 0, payloads: 0 };
  const connections: ConnectionDiff[] = [];
  const pairs = pairConnections(a.trace.connections, b.trace.connections);
  const sides = { a: await readDigests(a), b: await readDigests(b) };
  const byPair = await compareRpcs(pairs, sides, payloads);
  for (const [index, pair] of pairs.entries()) {
    const { payloads: read = 0, ...calls } = byPair[index] ?? { rpcs: [], unknown: 0 };
    compared.payloads += read;
    if (pair.a !== null && pair.b !== null) {
      compared.connections += 1;
      compared.rpcs += Math.min(pair.a.rpcs.length, pair.b.rpcs.length);
    }
    const other = pair.a === null ? a : pair.b === null ? b : null;
    const mayBeLost = other !== null && other.trace.gaps.length > 0;
    const diff = {
      ...outlineOf(pair, findings),
      ...(mayBeLost ? { rpcs: [], unknown: Math.max(1, calls.rpcs.length) } : calls),
    };
    if (differs(diff)) connections.push(diff);
  }
  const general = GENERAL.map(([field, of]) => ({
    field,
    a: listOf(a.trace, of),
    b: listOf(b.trace, of),
  })).filter((difference) => difference.a !== difference.b);
  const methods = compareAdvertised(a.trace, b.trace, "methods");
  const eventKinds = compareAdvertised(a.trace, b.trace, "events");
  const parts = [connections, general, methods.a, methods.b, eventKinds.a, eventKinds.b];
  return {
    a: a.trace.recording.name,
    b: b.trace.recording.name,
    compared,
    missing: { a: missingOf(a.trace), b: missingOf(b.trace) },
    general,
    methods,
    eventKinds,
    connections,
    same: parts.every((part) => part.length === 0),
  };
}

function missingOf(trace: Trace): readonly string[] {
  const gaps = lossesOf(trace);
  const more = gaps.length - MAX_GAPS;
  return [
    ...trace.recording.missing,
    ...gaps.slice(0, MAX_GAPS).map((gap) => `nothing ${nameGap(gap)}`),
    ...(more > 0 ? [`and ${more} more gaps`] : []),
  ];
}

function outlineOf(
  { a, b }: Pair<Connection>,
  findings: FindingsOf,
): Omit<ConnectionDiff, "rpcs" | "unknown"> {
  const both = a !== null && b !== null;
  const named = a === null || (a.handshake.connect === null && b !== null) ? b : a;
  const lines = {
    a: a === null ? [] : findings.a(a.id),
    b: b === null ? [] : findings.b(b.id),
  };
  return {
    a: a?.id ?? null,
    b: b?.id ?? null,
    who: named === null ? "" : nameConnection(named),
    handshake: both ? compareHandshakes(a, b) : [],
    events: both ? recordedOnlyIn(a, b) : { a: [], b: [] },
    // What would be found on the other one may be in its gaps.
    findings: {
      a: b !== null && b.gaps.length > 0 ? [] : missingFrom(lines.b, lines.a),
      b: a !== null && a.gaps.length > 0 ? [] : missingFrom(lines.a, lines.b),
    },
  };
}

function recordedOnlyIn(a: Connection, b: Connection): Sides<readonly string[]> {
  const found = onlyIn(eventsOf(a), eventsOf(b));
  const mayHaveMore = ({ gaps }: Connection) => mayMissBefore(gaps, Infinity, "gateway");
  return { a: mayHaveMore(b) ? [] : found.a, b: mayHaveMore(a) ? [] : found.b };
}

function differs({ a, b, handshake, rpcs, unknown, events, findings }: ConnectionDiff): boolean {
  if (a === null || b === null || unknown > 0) return true;
  const parts = [handshake, rpcs, events.a, events.b, findings.a, findings.b];
  return parts.some((part) => part.length > 0);
}

function findingsBy(trace: Trace): (connection: number) => readonly FindingLine[] {
  const findingsOf = findingsByConnection(diagnose([trace]), trace.recording.name);
  return (connection) =>
    findingsOf(connection)
      // How long a call took differs from run to run, and is no difference in meaning.
      .filter(({ code }) => code !== "slow-call")
      .map(({ code, title }) => ({ code, title: maskText(title) }));
}

function missingFrom(
  others: readonly FindingLine[],
  lines: readonly FindingLine[],
): readonly FindingLine[] {
  return lines.filter(
    ({ code, title }) => !others.some((other) => other.code === code && other.title === title),
  );
}

const GENERAL: readonly (readonly [string, (connection: Connection) => string | null])[] = [
  ["Gateway version", ({ handshake }) => handshake.hello?.serverVersion ?? null],
  ["protocol", ({ handshake }) => handshake.hello?.protocol?.toString() ?? null],
  ["client versions", ({ handshake }) => handshake.connect?.client.version ?? null],
];

function listOf({ connections }: Trace, of: (connection: Connection) => string | null): string {
  const values = new Set(connections.map(of).filter((value) => value !== null));
  return [...values].toSorted().join(", ") || "unknown";
}

function compareAdvertised(
  a: Trace,
  b: Trace,
  what: "methods" | "events",
): Sides<readonly string[]> {
  const [inA, inB] = [a, b].map(({ connections }) =>
    connections.flatMap(({ handshake }) => handshake.hello?.[what] ?? []),
  );
  // Where no hello-ok was seen, nothing is known of what the Gateway advertises.
  const unknown = inA === undefined || inB === undefined || inA.length * inB.length === 0;
  return unknown ? { a: [], b: [] } : onlyIn(inA, inB);
}

function eventsOf({ events }: Connection): readonly string[] {
  return events.map(({ event }) => event);
}

function onlyIn(a: readonly string[], b: readonly string[]): Sides<readonly string[]> {
  const [inA, inB] = [new Set(a), new Set(b)];
  return {
    a: [...inA].filter((name) => !inB.has(name)).toSorted(),
    b: [...inB].filter((name) => !inA.has(name)).toSorted(),
  };
}
