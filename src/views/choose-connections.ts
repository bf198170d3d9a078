import type { Finding } from "../findings/finding.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { isProblem } from "./verdict.ts";

/** The first `count` connections, those before others that a finding names or whose verdict is a problem, in order of arrival. */
export function chooseConnections(
  { recording, connections }: Trace,
  findings: readonly Finding[],
  count: number,
): readonly Connection[] {
  if (connections.length <= count) return connections;
  const named = new Set(
    findings.flatMap((finding) => [
      ...(finding.recording === recording.name ? [finding.connection] : []),
      ...(finding.contrast?.recording === recording.name ? [finding.contrast.connection] : []),
    ]),
  );
  const rank = (connection: Connection): number =>
    named.has(connection.id) ? 0 : isProblem(connection) ? 1 : 2;
  return connections
    .map((connection) => ({ connection, rank: rank(connection) }))
    .toSorted((left, right) => left.rank - right.rank)
    .slice(0, count)
    .map(({ connection }) => connection)
    .toSorted((left, right) => left.openedEntry - right.openedEntry);
}
