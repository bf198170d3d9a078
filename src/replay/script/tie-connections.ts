import { collectTyingValues } from "./tying-values.ts";
import type { Cue, ScriptedConnection } from "./script.ts";

interface Cause {
  readonly connection: number;
  readonly requestEntry: number;
  readonly answerEntry: number | null;
}

/**
 * Finds what the Gateway did on one connection because of a request on another: the latest request that names the same
 * call or session and came after the last thing that the connection itself did.
 */
export function tieAcrossConnections(
  connections: readonly ScriptedConnection[],
): readonly ScriptedConnection[] {
  if (connections.length < 2) return connections;
  const causes = indexCauses(connections);
  return connections.map((connection) => ({
    ...connection,
    cues: connection.cues.map((cue) => ({ ...cue, awaits: findCause(connection.id, cue, causes) })),
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
  cue: Cue,
  causes: ReadonlyMap<string, readonly Cause[]>,
): Cue["awaits"] {
  if (cue.act.type !== "frame" || causes.size === 0) return null;
  const { frame } = cue.act;
  const { single, lasting } = collectTyingValues(frame["payload"] ?? frame["error"]);
  // An answer or an event of a known run has its cause on its own connection; a shared session key is no reason to wait.
  const values = cue.answers === null && cue.because === null ? [...single, ...lasting] : single;
  let latest: Cause | null = null;
  for (const value of values) {
    const list = causes.get(value) ?? [];
    for (let index = countBefore(list, cue.entry) - 1; index >= 0; index--) {
      const cause = list[index];
      const latestEntry = Math.max(latest?.requestEntry ?? 0, cue.follows ?? 0);
      if (cause === undefined || cause.requestEntry <= latestEntry) break;
      if (cause.connection !== connection) latest = cause;
    }
  }
  if (latest === null) return null;
  const { answerEntry, requestEntry } = latest;
  const entry = answerEntry !== null && answerEntry < cue.entry ? answerEntry : requestEntry;
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
