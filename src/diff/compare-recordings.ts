import { diagnose } from "../findings/diagnose.ts";
import { maskText } from "../gateway/volatile.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { callOf, type Calls } from "./call.ts";
import { compareHandshakes } from "./compare-handshakes.ts";
import { compareRpcs, type FrameSource } from "./compare-rpcs.ts";
import type {
  ConnectionDiff,
  FieldDifference,
  FindingLine,
  RecordingDiff,
  Sides,
} from "./model.ts";
import { nameConnection, pairConnections } from "./pair-connections.ts";
import type { Pair } from "./pair-items.ts";

/** A recording to be compared: what it means, and where its payloads can be read. */
export interface ComparedRecording extends FrameSource {
  readonly trace: Trace;
  /** The calls of a connection, where its trace does not tell each from the others. */
  readonly callsOf?: (connection: Connection) => Calls;
}

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
  const calls = pairs.map((pair) => ({ a: callsOf(pair.a, a), b: callsOf(pair.b, b) }));
  const byPair = await compareRpcs(calls, { a, b }, payloads);
  for (const [index, pair] of pairs.entries()) {
    const { rpcs = [], payloads: read = 0 } = byPair[index] ?? {};
    compared.payloads += read;
    if (pair.a !== null && pair.b !== null) {
      compared.connections += 1;
      compared.rpcs += Math.min(pair.a.rpcs.length, pair.b.rpcs.length);
    }
    const diff = { ...outlineOf(pair, findings), rpcs };
    if (differs(diff)) connections.push(diff);
  }
  const general = compareGeneral(a.trace, b.trace);
  const methods = compareAdvertised(a.trace, b.trace, "methods");
  const eventKinds = compareAdvertised(a.trace, b.trace, "events");
  const parts = [connections, general, methods.a, methods.b, eventKinds.a, eventKinds.b];
  return {
    a: a.trace.recording.name,
    b: b.trace.recording.name,
    compared,
    missing: { a: a.trace.recording.missing, b: b.trace.recording.missing },
    general,
    methods,
    eventKinds,
    connections,
    same: parts.every((part) => part.length === 0),
  };
}

function callsOf(connection: Connection | null, recording: ComparedRecording): Calls {
  if (connection === null) return [];
  return recording.callsOf?.(connection) ?? connection.rpcs.map(callOf);
}

function outlineOf({ a, b }: Pair<Connection>, findings: FindingsOf): Omit<ConnectionDiff, "rpcs"> {
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
    events: both ? onlyIn(eventsOf(a), eventsOf(b)) : { a: [], b: [] },
    findings: { a: missingFrom(lines.b, lines.a), b: missingFrom(lines.a, lines.b) },
  };
}

function differs({ a, b, handshake, rpcs, events, findings }: ConnectionDiff): boolean {
  if (a === null || b === null) return true;
  const parts = [handshake, rpcs, events.a, events.b, findings.a, findings.b];
  return parts.some((part) => part.length > 0);
}

function findingsBy(trace: Trace): (connection: number) => readonly FindingLine[] {
  const found = diagnose([trace])
    // How long a call took differs from run to run, and is no difference in meaning.
    .filter(({ code }) => code !== "slow-call")
    .map(({ connection, code, title }) => ({ connection, code, title: maskText(title) }));
  return (wanted) =>
    found
      .filter(({ connection }) => connection === wanted)
      .map(({ code, title }) => ({ code, title }));
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

function compareGeneral(a: Trace, b: Trace): readonly FieldDifference[] {
  return GENERAL.map(([field, of]) => ({ field, a: listOf(a, of), b: listOf(b, of) })).filter(
    (difference) => difference.a !== difference.b,
  );
}

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
