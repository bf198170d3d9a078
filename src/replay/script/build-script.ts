import type { Entry } from "../../recording/entry.ts";
import { headerValue } from "../../wire/message.ts";
import { recordedPeer } from "./recorded-peer.ts";
import type { HttpExchange, Script } from "./script.ts";
import { buildScriptedConnection } from "./scripted-connection.ts";
import { tieAcrossConnections } from "./tie-connections.ts";

/** Reads a recording's entries as a script. Never throws: what makes no sense cannot be played and is left out. */
export function buildScript(
  recording: string,
  entries: readonly Entry[],
  assumedPeer: string | null = null,
): Script {
  const byConnection = new Map<number, Entry[]>();
  for (const entry of entries) {
    const own = byConnection.get(entry.connection);
    if (own === undefined) byConnection.set(entry.connection, [entry]);
    else own.push(entry);
  }
  byConnection.delete(0);
  const connections = [...byConnection]
    .map(([id, own]) => buildScriptedConnection(recording, id, own, assumedPeer))
    .filter((connection) => connection !== null);
  return {
    recording,
    recordedPeer: assumedPeer ?? recordedPeer(entries),
    connections: tieAcrossConnections(connections),
    exchanges: [...byConnection.values()].flatMap(plainExchanges),
  };
}

function plainExchanges(entries: readonly Entry[]): readonly HttpExchange[] {
  const exchanges: { -readonly [Key in keyof HttpExchange]: HttpExchange[Key] }[] = [];
  let answered: (typeof exchanges)[number] | null = null;
  let asked: { readonly method: string; readonly target: string } | null = null;
  for (const entry of entries) {
    if (entry.kind === "http-request") {
      asked = headerValue(entry.headers, "upgrade") === null ? entry : null;
    } else if (entry.kind === "http-response" && asked !== null) {
      const { status, reason, headers } = entry;
      const { method, target } = asked;
      answered = { method, target, response: { status, reason, headers }, body: null };
      exchanges.push(answered);
      asked = null;
    } else if (entry.kind === "http-body" && entry.from === "gateway" && answered !== null) {
      answered.body = entry.content?.type === "text" ? entry.content.text : null;
      answered = null;
    }
  }
  return exchanges;
}
