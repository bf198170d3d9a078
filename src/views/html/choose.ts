import type { Finding } from "../../findings/finding.ts";
import type { Connection, Trace } from "../../trace/model.ts";
import { isProblem } from "../verdict.ts";
import { BOUNDS } from "./bounds.ts";

/** Evidence beyond so many entries of one finding is counted, not shown; as in the text reports. */
export const MAX_EVIDENCE = 12;

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

/** The entries of that recording that the findings on the page link to. */
export function chooseEvidence(
  recording: string,
  findings: readonly Finding[],
): ReadonlySet<number> {
  return new Set(
    findings
      .slice(0, BOUNDS.findings)
      .flatMap(({ recording: own, evidence, contrast }) => [
        ...(own === recording ? evidence.slice(0, MAX_EVIDENCE) : []),
        ...(contrast?.recording === recording ? contrast.evidence.slice(0, MAX_EVIDENCE) : []),
      ]),
  );
}

/** How many of `total` each one gets that wants so many: those that want little get it all, the others the same. */
export function shareFairly(
  wants: ReadonlyMap<number, number>,
  total: number,
): Map<number, number> {
  const shares = new Map<number, number>();
  let left = total;
  let others = wants.size;
  for (const [id, want] of [...wants].toSorted(([, one], [, other]) => one - other)) {
    const share = Math.min(want, Math.floor(left / others));
    shares.set(id, share);
    left -= share;
    others -= 1;
  }
  return shares;
}
