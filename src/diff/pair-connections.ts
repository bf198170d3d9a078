import { groupBy } from "../findings/rule.ts";
import type { Connection } from "../trace/model.ts";
import { pairItems, type Pair } from "./pair-items.ts";

/** Pairs connections by who they are, from the closest likeness to the loosest, and then by their order. */
export function pairConnections(
  a: readonly Connection[],
  b: readonly Connection[],
): readonly Pair<Connection>[] {
  const methodsTell = tellsByMethods(a, b);
  return pairItems(a, b, [
    (connection) =>
      keyOf(connection, ...ALIKE, deviceIdOf, methodsTell(connection) ? methodsOf : () => null),
    (connection) =>
      keyOf(connection, ...ALIKE, hasDevice, methodsTell(connection) ? methodsOf : () => null),
    (connection) => keyOf(connection, ...ALIKE, hasDevice),
    (connection) => keyOf(connection, whoIs, nameOf, scopesOf),
    (connection) => keyOf(connection, whoIs, nameOf),
    (connection) => keyOf(connection, whoIs),
    httpKey,
    // A connection that was refused before it could say who it is may be any of those left.
    ({ upgrade }) => (upgrade === null ? null : "websocket"),
  ]).flatMap(separateStrangers);
}

/**
 * One program often connects anew for each call, and not always in the same order: then what it calls tells its connections apart.
 * Where there are as many in both recordings and they did not call the same, the difference is in the calls, and the order counts.
 */
function tellsByMethods(
  a: readonly Connection[],
  b: readonly Connection[],
): (connection: Connection) => boolean {
  const keyBy = (connection: Connection) => keyOf(connection, ...ALIKE, hasDevice) ?? "";
  const [inA, inB] = [callsByKey(a, keyBy), callsByKey(b, keyBy)];
  const telling = new Set(
    [...inA.keys(), ...inB.keys()].filter((key) => {
      const [left, right] = [inA.get(key) ?? [], inB.get(key) ?? []];
      return left.length !== right.length || left.toSorted().join() === right.toSorted().join();
    }),
  );
  return (connection) => telling.has(keyBy(connection));
}

function callsByKey(
  connections: readonly Connection[],
  keyBy: (connection: Connection) => string,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    groupBy(connections, keyBy).map((group) => [
      keyBy(group[0]),
      group.map((connection) => JSON.stringify(methodsOf(connection))),
    ]),
  );
}

/** `id/mode role`, or what else the connection is. */
export function nameConnection(connection: Connection): string {
  const { handshake, upgrade, http } = connection;
  if (handshake.connect !== null) {
    const { client, role } = handshake.connect;
    return client.id === "" ? `unnamed client ${role}` : `${client.id}/${client.mode} ${role}`;
  }
  if (upgrade !== null) return "(no connect)";
  const [first] = http;
  return first === undefined ? "(nothing sent)" : `${first.method} ${first.target}`;
}

// Two that both say who they are, and say different things, are not the same one.
function separateStrangers(pair: Pair<Connection>): readonly Pair<Connection>[] {
  const [left, right] = [pair.a?.handshake.connect, pair.b?.handshake.connect];
  if (left === null || right === null || left === undefined || right === undefined) return [pair];
  if (left.client.id === right.client.id && left.client.mode === right.client.mode) return [pair];
  return [
    { a: pair.a, b: null },
    { a: null, b: pair.b },
  ];
}

function keyOf(
  connection: Connection,
  ...parts: readonly ((connection: Connection) => unknown)[]
): string | null {
  if (connection.handshake.connect === null) return null;
  return JSON.stringify(parts.map((part) => part(connection)));
}

function whoIs({ handshake: { connect } }: Connection): unknown {
  return [connect?.client.id, connect?.client.mode, connect?.role];
}

function nameOf({ handshake }: Connection): unknown {
  return handshake.connect?.client.displayName;
}

function deviceIdOf({ handshake }: Connection): unknown {
  return handshake.connect?.device?.id ?? null;
}

function hasDevice({ handshake }: Connection): unknown {
  return handshake.connect?.device !== null;
}

function scopesOf({ scopes }: Connection): unknown {
  return scopes.requested?.toSorted() ?? null;
}

function methodsOf({ rpcs }: Connection): unknown {
  return [...new Set(rpcs.map(({ method }) => method))];
}

/** What makes two connections alike, before their devices and calls are looked at. */
const ALIKE = [
  whoIs,
  nameOf,
  scopesOf,
  ({ handshake }: Connection) => handshake.connect?.authKinds,
] as const;

function httpKey({ upgrade, http }: Connection): string | null {
  const [first] = http;
  return upgrade !== null || first === undefined ? null : `${first.method} ${first.target}`;
}
