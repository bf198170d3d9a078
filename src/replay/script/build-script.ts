import { hostOf } from "../../gateway/address.ts";
import type { Profile } from "../../gateway/profile.ts";
import { GwTraceError } from "../../errors.ts";
import type { Entry } from "../../recording/entry.ts";
import type { RecordingReader } from "../../recording/reader.ts";
import { HoleFinder } from "../../recording/holes.ts";
import { TraceBuilder } from "../../trace/build.ts";
import type { Connection } from "../../trace/model.ts";
import type { HttpExchange, Script } from "./script.ts";
import { ConnectionScriptBuilder } from "./scripted-connection.ts";
import { tieAcrossConnections } from "./tie-connections.ts";

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
