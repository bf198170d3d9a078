import type { Profile } from "../gateway/profile.ts";
import { holdsScope } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import type { Contrast, Difference } from "./finding.ts";
import { nameClient, namePeer, nameScopes } from "./wording.ts";

interface Weighted extends Difference {
  /** How likely this difference alone explains a missing scope, under the measured rules; only the order matters. */
  readonly weight: number;
}

/**
 * Finds the most similar connection on which the same method succeeded, in this trace or the others, and says how its
 * handshake differs: most likely cause first. Null when the method succeeded nowhere.
 */
export function findContrast(
  failed: Connection,
  method: string,
  needed: string | null,
  traces: readonly Trace[],
  profile: Profile,
): Contrast | null {
  let best: {
    readonly trace: Trace;
    readonly connection: Connection;
    readonly rpc: Rpc;
    readonly differences: readonly Weighted[];
  } | null = null;
  for (const trace of traces) {
    for (const connection of trace.connections) {
      const rpc = connection.rpcs.find(
        (candidate) => candidate.method === method && candidate.ok === true,
      );
      if (rpc === undefined || connection === failed) continue;
      const differences = compareHandshakes(failed, connection, needed, profile);
      if (best === null || distance(differences) < distance(best.differences))
        best = { trace, connection, rpc, differences };
    }
  }
  if (best === null) return null;
  const { trace, connection, rpc, differences } = best;
  return {
    method,
    recording: trace.recording.name,
    connection: connection.id,
    evidence: [connection.handshake.connectEntry, rpc.requestEntry, rpc.responseEntry].filter(
      (entry) => entry !== null,
    ),
    differences: differences.map(({ field, failed: left, succeeded }) => ({
      field,
      failed: left,
      succeeded,
    })),
  };
}

function distance(differences: readonly Weighted[]): number {
  return differences.reduce((sum, { weight }) => sum + weight, 0);
}

function compareHandshakes(
  failed: Connection,
  succeeded: Connection,
  needed: string | null,
  profile: Profile,
): readonly Weighted[] {
  const asksFor = (connection: Connection) =>
    needed === null || holdsScope(connection.scopes.requested ?? [], needed, profile.implies);
  const keeps = (connection: Connection) =>
    profile.keepsScopesWithoutDevice.includes(nameClient(connection));
  const hasDevice = (connection: Connection) => connection.handshake.connect?.device !== null;
  const fields: readonly (readonly [
    field: string,
    weight: number,
    of: (connection: Connection) => string,
  ])[] = [
    [
      "requested scopes",
      asksFor(failed) === asksFor(succeeded) ? 15 : 100,
      ({ scopes }) => nameScopes(scopes.requested),
    ],
    [
      "device identity",
      hasDevice(failed) ? 35 : 90,
      (connection) => (hasDevice(connection) ? "sent" : "none"),
    ],
    ["role", 85, ({ handshake }) => handshake.connect?.role ?? "unknown"],
    ["peer the Gateway saw", failed.peerIsLoopback === succeeded.peerIsLoopback ? 0 : 80, namePeer],
    ["forwarding headers", 78, ({ upgrade }) => upgrade?.forwardingHeaders.join(", ") || "none"],
    ["Origin header", 75, ({ upgrade }) => upgrade?.origin ?? "none"],
    ["client", keeps(failed) === keeps(succeeded) ? 30 : 70, nameClient],
    ["Gateway version", 60, ({ handshake }) => handshake.hello?.serverVersion ?? "unknown"],
    ["credential", 50, ({ handshake }) => handshake.connect?.authKinds.join(", ") || "none"],
    ["client version", 5, ({ handshake }) => handshake.connect?.client.version ?? "unknown"],
  ];
  return fields
    .map(([field, weight, of]) => ({ field, weight, failed: of(failed), succeeded: of(succeeded) }))
    .filter((difference) => difference.failed !== difference.succeeded && difference.weight > 0)
    .toSorted((left, right) => right.weight - left.weight);
}
