import { hostOf } from "../../gateway/address.ts";
import type { Profile } from "../../gateway/profile.ts";
import { GwTraceError } from "../../errors.ts";
import type { Entry } from "../../recording/entry.ts";
import type { RecordingReader } from "../../recording/reader.ts";
import { HoleFinder } from "../../recording/holes.ts";
import { TraceBuilder } from "../../trace/build.ts";
import type { Connection } from "../../trace/model.ts";
import type { HttpExchange, Script, ScriptedAction, ScriptedConnection } from "./script.ts";
import { collectTyingValues, ConnectionScriptBuilder } from "./scripted-connection.ts";

/** Reads a recording's entries as a script. Never throws: what makes no sense cannot be played and is left out. */
export function buildScript(
  recording: string,
  entries: readonly Entry[],
  assumedPeer: string | null = null,
  profiles: readonly Profile[] = [],
): Script {
  const builder = new TraceBuilder({ assumedPeer }, { profiles });
  const byConnection = new Map<number, Entry[]>();
  const holes = new HoleFinder();
  for (const entry of entries) {
    const hole = holes.before(entry);
    if (hole !== null) builder.add(hole);
    builder.add(entry);
    const own = byConnection.get(entry.connection);
    if (own === undefined) byConnection.set(entry.connection, [entry]);
    else own.push(entry);
  }
  const rules = builder.rules();
  const traced = builder.connections(rules);
  const connections = traced.flatMap((one) => {
    const script = new ConnectionScriptBuilder(one);
    for (const entry of byConnection.get(one.id) ?? []) script.add(entry);
    return script.build(recording) ?? [];
  });
  return {
    recording,
    recordedPeer: assumedPeer ?? onlyPeer(traced),
    rules,
    connections: tieAcrossConnections(connections),
    exchanges: traced.flatMap((one) => plainExchanges(one, byConnection.get(one.id) ?? [])),
  };
}

/**
 * Reads a recording as a script; `entries` is for who wants to see them pass.
 * @throws {GwTraceError} RECORDING_EMPTY
 */
export async function readScript(
  reader: RecordingReader,
  entries: AsyncIterable<Entry> = reader.entries(),
  profiles: readonly Profile[] = [],
): Promise<Script> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  const script = buildScript(reader.name, all, reader.header.assumedPeer, profiles);
  if (script.connections.length > 0) return script;
  throw new GwTraceError(
    "RECORDING_EMPTY",
    `${reader.name} holds no connection that can be played`,
    "Record a client that connects: gw-trace record.",
  );
}

/** The peer that a recorded Gateway saw, when all its connections came from the same one. */
function onlyPeer(connections: readonly Connection[]): string | null {
  const peers = new Set(
    connections.flatMap(({ peerAddress }) => (peerAddress === null ? [] : [hostOf(peerAddress)])),
  );
  const [only = null] = peers;
  return peers.size === 1 ? only : null;
}

function plainExchanges({ http }: Connection, entries: readonly Entry[]): readonly HttpExchange[] {
  if (http.length === 0) return [];
  const byNumber = new Map(entries.map((entry) => [entry.entry, entry]));
  return http.flatMap(({ method, target, responseEntry, responseBody }) => {
    const head = byNumber.get(responseEntry ?? 0);
    if (head?.kind !== "http-response") return [];
    const { status, reason, headers } = head;
    const body = byNumber.get(responseBody?.entry ?? 0);
    const content = body?.kind === "http-body" ? body.content : null;
    const text = content?.type === "text" ? content.text : null;
    return [{ method, target, response: { status, reason, headers }, body: text }];
  });
}

interface Cause {
  readonly connection: number;
  readonly requestEntry: number;
  readonly answerEntry: number | null;
}

/**
 * Finds what the Gateway did on one connection because of a request on another: the latest request that names the same
 * call or session and came after the last thing that the connection itself did.
 */
function tieAcrossConnections(
  connections: readonly ScriptedConnection[],
): readonly ScriptedConnection[] {
  if (connections.length < 2) return connections;
  const causes = indexCauses(connections);
  return connections.map((connection) => ({
    ...connection,
    actions: connection.actions.map((action) => ({
      ...action,
      awaits: findCause(connection.id, action, causes),
    })),
  }));
}

function indexCauses(
  connections: readonly ScriptedConnection[],
): ReadonlyMap<string, readonly Cause[]> {
  const causes = new Map<string, Cause[]>();
  for (const { id, requests } of connections) {
    for (const request of requests) {
      if (request.method === null || request.method === "connect") continue;
      const { single, lasting } = collectTyingValues(request.params);
      const cause = {
        connection: id,
        requestEntry: request.entry,
        answerEntry: request.answer?.entry ?? null,
      };
      for (const value of new Set([...single, ...lasting])) {
        const known = causes.get(value);
        if (known === undefined) causes.set(value, [cause]);
        else known.push(cause);
      }
    }
  }
  for (const list of causes.values()) list.sort((a, b) => a.requestEntry - b.requestEntry);
  return causes;
}

function findCause(
  connection: number,
  action: ScriptedAction,
  causes: ReadonlyMap<string, readonly Cause[]>,
): ScriptedAction["awaits"] {
  if (action.act.type !== "frame" || causes.size === 0) return null;
  const { frame } = action.act;
  const { single, lasting } = collectTyingValues(frame["payload"] ?? frame["error"]);
  // An answer or an event of a known run has its cause on its own connection; a shared session key is no reason to wait.
  const values =
    action.answers === null && action.because === null ? [...single, ...lasting] : single;
  let latest: Cause | null = null;
  for (const value of values) {
    const list = causes.get(value) ?? [];
    for (let index = countBefore(list, action.entry) - 1; index >= 0; index--) {
      const cause = list[index];
      const latestEntry = Math.max(latest?.requestEntry ?? 0, action.follows ?? 0);
      if (cause === undefined || cause.requestEntry <= latestEntry) break;
      if (cause.connection !== connection) latest = cause;
    }
  }
  if (latest === null) return null;
  const { answerEntry, requestEntry } = latest;
  const entry = answerEntry !== null && answerEntry < action.entry ? answerEntry : requestEntry;
  return { connection: latest.connection, entry };
}

// A long recording asks about one session thousands of times, so the list is searched by halves.
function countBefore(causes: readonly Cause[], entry: number): number {
  let low = 0;
  let high = causes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((causes[middle]?.requestEntry ?? Infinity) < entry) low = middle + 1;
    else high = middle;
  }
  return low;
}
