import type { Connection, Trace } from "../trace/model.ts";

/** Entries that a filter let through, with the connection of each. */
export type Matched = ReadonlyMap<number, number>;

/** The trace with only the connections that have a matching entry, and on them only the calls that have one. */
export function narrowTrace(trace: Trace, matched: Matched): Trace {
  const connections = new Set(matched.values());
  return {
    recording: trace.recording,
    gaps: trace.gaps,
    connections: trace.connections
      .filter(({ id }) => connections.has(id))
      .map((connection) => narrowConnection(connection, matched)),
  };
}

// A filter about the handshake, such as `method==connect`, is about the connection as a whole: its calls stay.
function narrowConnection(connection: Connection, matched: Matched): Connection {
  const rpcs = connection.rpcs.filter(
    ({ requestEntry, responseEntry }) =>
      matched.has(requestEntry) || (responseEntry !== null && matched.has(responseEntry)),
  );
  return rpcs.length === 0 ? connection : { ...connection, rpcs };
}
