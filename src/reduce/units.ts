import { isJsonObject, parseJsonObject } from "../gateway/json-object.ts";
import { ECHOED_FIELDS } from "../gateway/volatile.ts";
import type { Entry } from "../recording/entry.ts";
import type { Connection, Trace } from "../trace/model.ts";

/** Entries that only make sense together, such as a request and its answers. */
export interface Unit {
  readonly connection: number;
  readonly entries: readonly number[];
  /** What this one follows from: without them it could not have happened. */
  readonly causes: readonly Unit[];
}

/** A recording taken apart: what makes each connection one, and all the rest in pieces. */
export interface TakenApart {
  /** By connection: how it was opened, its handshake, and how it ended. A connection that is kept keeps these. */
  readonly skeletons: ReadonlyMap<number, readonly number[]>;
  readonly units: readonly Unit[];
}

/** Takes a recording apart into what may be left out and what may not. */
export function takeApart(trace: Trace, entries: readonly Entry[]): TakenApart {
  const skeletons = new Map(
    trace.connections.map((connection) => {
      const bounds = entries.filter((one) => one.connection === connection.id && isBound(one));
      return [connection.id, [...handshakeOf(connection), ...bounds.map(({ entry }) => entry)]];
    }),
  );
  const bound = new Set([...skeletons.values()].flat());
  const grouped = trace.connections.flatMap((connection) => groupsOf(connection));
  const groups = grouped.map((group) => group.filter((entry) => !bound.has(entry)));
  const inGroup = new Set(groups.flat());
  const byEntry = new Map(entries.map((entry) => [entry.entry, entry]));
  const single = entries
    .filter(({ entry, connection }) => connection !== 0 && !bound.has(entry) && !inGroup.has(entry))
    .map(({ entry }) => [entry]);
  const ordered = [...groups.filter((group) => group.length > 0), ...single].toSorted(
    ([left = 0], [right = 0]) => left - right,
  );
  return { skeletons, units: linkCauses(ordered, byEntry) };
}

/** Units with all that they follow from. */
export function withCauses(units: readonly Unit[]): ReadonlySet<Unit> {
  const all = new Set<Unit>();
  const visit = (unit: Unit): void => {
    if (all.has(unit)) return;
    all.add(unit);
    for (const cause of unit.causes) visit(cause);
  };
  for (const unit of units) visit(unit);
  return all;
}

/** The entries of the upgrade and of the handshake. */
export function handshakeOf({ handshake, upgrade }: Connection): readonly number[] {
  return [
    handshake.challengeEntry,
    handshake.connectEntry,
    handshake.answerEntry,
    upgrade?.requestEntry,
    upgrade?.responseEntry,
  ].filter((entry) => entry !== null && entry !== undefined);
}

/** True for what opens and ends a connection, and for what says that something of it is missing. */
export function isBound(entry: Entry): boolean {
  return (
    entry.kind === "opened" ||
    entry.kind === "closed" ||
    entry.kind === "gap" ||
    (entry.kind === "message" && entry.message.type === "close")
  );
}

/** Requests with their answers. */
export function groupsOf({ rpcs, http }: Connection): readonly (readonly number[])[] {
  return [
    ...rpcs.map((rpc) => [rpc.requestEntry, rpc.responseEntry, rpc.final?.responseEntry]),
    ...http.map((call) => [
      call.requestEntry,
      call.requestBody?.entry,
      call.responseEntry,
      call.responseBody?.entry,
    ]),
  ].map((group) => group.filter((entry) => entry !== null && entry !== undefined));
}

// A unit that names a run, a session or a pairing request follows from the first that named it, on whatever connection.
function linkCauses(
  groups: readonly (readonly number[])[],
  byEntry: ReadonlyMap<number, Entry>,
): readonly Unit[] {
  const firstToName = new Map<string, Unit>();
  return groups.map((group) => {
    const causes = new Set<Unit>();
    const names = new Set(group.flatMap((entry) => namesIn(byEntry.get(entry))));
    for (const name of names) {
      const cause = firstToName.get(name);
      if (cause !== undefined) causes.add(cause);
    }
    const connection = byEntry.get(group[0] ?? 0)?.connection ?? 0;
    const unit: Unit = { connection, entries: group, causes: [...causes] };
    for (const name of names) if (!firstToName.has(name)) firstToName.set(name, unit);
    return unit;
  });
}

const MAX_DEPTH = 8;

/** Fields that many calls share without following from each other, or that are new in each connection. */
const SHARED = new Set(["sessionKey", "childSessionKey", "instanceId", "nonce", "sessionId"]);

function namesIn(entry: Entry | undefined): readonly string[] {
  if (entry?.kind !== "message" || entry.message.type !== "text") return [];
  const names: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    if (!isJsonObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === "string" && ECHOED_FIELDS.has(key) && !SHARED.has(key))
        names.push(inner);
      else visit(inner, depth + 1);
    }
  };
  visit(parseJsonObject(entry.message.text), 0);
  return names;
}
