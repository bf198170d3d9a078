import type { Connection, Trace } from "../trace/model.ts";
import { nameClient } from "./wording.ts";

/** Of very many connections of one device or client, so many of the first and of the last are looked at. */
const KEPT = 100;

/** Connections of a trace that have to do with each other. Asked for the first time, it reads the trace once. */
export class Relatives {
  readonly #trace: Trace;
  #byDevice: ReadonlyMap<string, readonly Connection[]> | null = null;
  #byClient: ReadonlyMap<string, readonly Connection[]> | null = null;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** The other connections of the same device, in order of arrival; none for a connection without one. */
  ofDevice(connection: Connection): readonly Connection[] {
    const idOf = ({ handshake }: Connection) => handshake.connect?.device?.id ?? null;
    this.#byDevice ??= groupEnds(this.#trace.connections, idOf);
    const id = idOf(connection);
    const same = id === null ? [] : (this.#byDevice.get(id) ?? []);
    return same.filter((other) => other !== connection);
  }

  /** Accepted connections of the same kind of client. */
  acceptedOfClient(connection: Connection): readonly Connection[] {
    const accepted = ({ outcome }: Connection) => outcome === "accepted";
    this.#byClient ??= groupEnds(this.#trace.connections.filter(accepted), nameClient);
    const same = this.#byClient.get(nameClient(connection)) ?? [];
    return same.filter((other) => other !== connection);
  }
}

function groupEnds(
  connections: readonly Connection[],
  keyOf: (connection: Connection) => string | null,
): ReadonlyMap<string, readonly Connection[]> {
  const groups = new Map<string, Connection[]>();
  for (const connection of connections) {
    const key = keyOf(connection);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [connection]);
    else group.push(connection);
  }
  for (const [key, group] of groups) {
    if (group.length > 2 * KEPT) groups.set(key, [...group.slice(0, KEPT), ...group.slice(-KEPT)]);
  }
  return groups;
}
