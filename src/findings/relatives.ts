import type { Connection, Trace } from "../trace/model.ts";
import { groupBy } from "./rule.ts";
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
    const idOf = ({ handshake }: Connection) => handshake.connect?.device?.id ?? "";
    this.#byDevice ??= groupEnds(this.#trace.connections, idOf);
    const id = idOf(connection);
    const same = id === "" ? [] : (this.#byDevice.get(id) ?? []);
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
  keyOf: (connection: Connection) => string,
): ReadonlyMap<string, readonly Connection[]> {
  return new Map(
    groupBy(connections, keyOf).map((group) => [
      keyOf(group[0]),
      group.length > 2 * KEPT ? [...group.slice(0, KEPT), ...group.slice(-KEPT)] : group,
    ]),
  );
}
