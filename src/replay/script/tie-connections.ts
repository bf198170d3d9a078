import { ECHOED_FIELDS, LASTING_FIELDS, UUID } from "../../gateway/volatile.ts";
import type { ScriptedAction, ScriptedConnection } from "./script.ts";

const MAX_DEPTH = 64;

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

/** The values in a message that tie it to a call: echoed fields and UUIDs. `lasting` ones are shared by many calls. */
export interface TyingValues {
  readonly single: ReadonlySet<string>;
  readonly lasting: ReadonlySet<string>;
}

/** Collects the values by which one message can be tied to another. */
export function collectTyingValues(value: unknown): TyingValues {
  const single = new Set<string>();
  const lasting = new Set<string>();
  const visit = (node: unknown, field: string | null, depth: number): void => {
    if (typeof node === "string") {
      if (field !== null && LASTING_FIELDS.has(field)) lasting.add(node);
      else if (field !== null && ECHOED_FIELDS.has(field)) single.add(node);
      for (const uuid of node.match(UUID) ?? []) single.add(uuid);
    } else if (isContainer(node) && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(node)) {
        visit(inner, Array.isArray(node) ? field : key, depth + 1);
      }
    }
  };
  visit(value, null, 0);
  return { single, lasting };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
