import type { Connection, Rpc, Trace } from "../trace/model.ts";

/** Entries that a filter let through, with the connection of each. */
export type Matched = ReadonlyMap<number, number>;

/**
 * The trace with only the connections that have a matching entry, and on them only the calls that have one. Where none of the matching
 * entries is of a call, but one is of the handshake or of the end, the filter is about the connection as a whole: its calls stay.
 */
export function narrowTrace(trace: Trace, matched: Matched): Trace {
  const connections = new Set(matched.values());
  return {
    ...trace,
    connections: trace.connections
      .filter(({ id }) => connections.has(id))
      .map((connection) => narrowConnection(connection, matched)),
  };
}

function narrowConnection(connection: Connection, matched: Matched): Connection {
  const has = (entry: number | null | undefined) => entry != null && matched.has(entry);
  const isMatched = ({ requestEntry, responseEntry, final }: Rpc) =>
    [requestEntry, responseEntry, final?.responseEntry].some(has);
  const rpcs = connection.rpcs.filter(isMatched);
  const isAboutAll = rpcs.length === 0 && framesOf(connection).some(has);
  return isAboutAll ? connection : { ...connection, rpcs };
}

/** The entries that are about the connection as a whole. */
function framesOf({
  openedEntry,
  upgrade,
  handshake,
  close,
}: Connection): readonly (number | null | undefined)[] {
  return [
    openedEntry,
    upgrade?.requestEntry,
    upgrade?.responseEntry,
    handshake.connectEntry,
    handshake.answerEntry,
    close?.entry,
  ];
}
