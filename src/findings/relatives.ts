import type { Connection, Trace } from "../trace/model.ts";
import { groupBy } from "./rule.ts";
import { nameClient } from "./wording.ts";

/** Of very many connections of one device or client, so many of the first and of the last are looked at. */
const KEPT = 100;

/** Connections of a trace that have to do with each other. */
export interface Relatives {
  /** The other connections of the same device, in order of arrival; none for a connection without one. */
  ofDevice(connection: Connection): readonly Connection[];
  /** Accepted connections of the same kind of client. */
  acceptedOfClient(connection: Connection): readonly Connection[];
}

/** Asked for the first time, it reads the trace once. */
export function createRelatives({ connections }: Trace): Relatives {
  const accepted = connections.filter(({ outcome }) => outcome === "accepted");
  return {
    ofDevice: othersBy(connections, ({ handshake }) => handshake.connect?.device?.id ?? ""),
    acceptedOfClient: othersBy(accepted, nameClient),
  };
}

function othersBy(
  connections: readonly Connection[],
  keyOf: (connection: Connection) => string,
): (connection: Connection) => readonly Connection[] {
  let groups: ReadonlyMap<string, readonly Connection[]> | null = null;
  return (connection) => {
    groups ??= groupEnds(connections, keyOf);
    const key = keyOf(connection);
    const same = key === "" ? [] : (groups.get(key) ?? []);
    return same.filter((other) => other !== connection);
  };
}

function groupEnds(
  connections: readonly Connection[],
  keyOf: (connection: Connection) => string,
): ReadonlyMap<string, readonly Connection[]> {
  return new Map(
    groupBy(connections, keyOf).map((group) => [
      keyOf(group[0]),
      group.length > 2 * KEPT ? [...group.slice(0, KEPT), ...group.slice(-KEPT)] : group,
    ]),
  );
}
