import { look } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { holdsScope } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import type { Contrast, Difference } from "./finding.ts";
import type { RuleContext } from "./rule.ts";
import { nameClient, namePeer, nameScopes } from "./wording.ts";

/** Stands for a circumstance that the recording does not hold. */
const UNKNOWN = "unknown";

interface Circumstance {
  readonly field: string;
  readonly of: (connection: Connection) => string | null | undefined;
  /** How likely this difference alone explains a missing scope, under the measured rules; only the order matters. */
  readonly weight: number;
}

/** What about a handshake can make a Gateway treat two connections differently; two that are alike in it differ in nothing that counts. */
const CIRCUMSTANCES: readonly Circumstance[] = [
  { field: "requested scopes", weight: 100, of: ({ handshake: { connect } }) => connect && nameScopes(connect.scopes) },
  { field: "device identity", weight: 90, of: ({ handshake: { connect } }) => connect && (connect.device ? "sent" : "none") },
  { field: "role", weight: 85, of: ({ handshake: { connect } }) => connect?.role },
  { field: "peer the Gateway saw", weight: 80, of: namePeer },
  { field: "forwarding headers", weight: 78, of: ({ upgrade }) => upgrade && (upgrade.forwardingHeaders.join(", ") || "none") },
  { field: "Origin header", weight: 75, of: ({ upgrade }) => upgrade && (upgrade.origin ?? "none") },
  { field: "client", weight: 70, of: nameClient },
  { field: "Gateway version", weight: 60, of: ({ handshake: { hello } }) => hello?.serverVersion },
  { field: "credential", weight: 50, of: ({ handshake: { connect } }) => connect && (connect.authKinds.join(", ") || "none") },
  { field: "client version", weight: 5, of: ({ handshake: { connect } }) => connect?.client.version },
]; // prettier-ignore

/**
 * Finds the most similar connection on which the same method succeeded, in any of the traces, and says how its handshake differs:
 * most likely cause first. Null when the method succeeded nowhere.
 */
export function findContrast(
  failed: Connection,
  method: string,
  needed: string | null,
  { successes, profile }: Pick<RuleContext, "successes" | "profile">,
): Contrast | null {
  let best: { readonly success: Success; readonly apart: Apart } | null = null;
  for (const success of successes(method)) {
    if (success.connection === failed) continue;
    const apart = compareHandshakes(failed, success.connection, needed, profile);
    if (best === null || apart.distance < best.apart.distance) best = { success, apart };
  }
  if (best === null) return null;
  const { trace, connection, rpc } = best.success;
  return {
    method,
    recording: trace.recording.name,
    connection: connection.id,
    evidence: [connection.handshake.connectEntry, rpc.requestEntry, rpc.responseEntry].filter(
      (entry) => entry !== null,
    ),
    differences: best.apart.differences,
  };
}

interface Apart {
  readonly distance: number;
  readonly differences: readonly Difference[];
}

function compareHandshakes(
  failed: Connection,
  succeeded: Connection,
  needed: string | null,
  profile: Profile,
): Apart {
  const isSame = (of: (connection: Connection) => unknown) => of(failed) === of(succeeded);
  const asksFor = ({ scopes }: Connection) =>
    needed === null || holdsScope(scopes.requested ?? [], needed, profile.implies) === true;
  const keeps = (connection: Connection) =>
    look(profile.keepsScopesWithoutDevice, nameClient(connection)) === true;
  const lighter = new Map([
    ["requested scopes", isSame(asksFor) ? 15 : null],
    ["device identity", failed.handshake.connect?.device ? 35 : null],
    ["peer the Gateway saw", isSame(({ peerIsLoopback }) => peerIsLoopback) ? 0 : null],
    ["client", isSame(keeps) ? 30 : null],
  ]);
  const differences = CIRCUMSTANCES.map(({ field, of, weight }) => ({
    field,
    failed: of(failed) ?? UNKNOWN,
    succeeded: of(succeeded) ?? UNKNOWN,
    weight: lighter.get(field) ?? weight,
  }))
    .filter((difference) => difference.failed !== difference.succeeded && difference.weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  return {
    distance: differences.reduce((sum, { weight }) => sum + weight, 0),
    // What the recording does not hold of one of the two makes them less alike, but nobody can say that it differs.
    differences: differences
      .filter((one) => one.failed !== UNKNOWN && one.succeeded !== UNKNOWN)
      .map(({ field, failed: left, succeeded: right }) => ({
        field,
        failed: left,
        succeeded: right,
      })),
  };
}

/** A call that succeeded. */
export interface Success {
  readonly trace: Trace;
  readonly connection: Connection;
  readonly rpc: Rpc;
}

/** Of calls that succeeded under equal circumstances the first is as good as any; the second is for when the first is the one judged. */
const KEPT_OF_EQUAL = 2;

/** Where a method succeeded, in order of arrival; of connections with equal handshakes no more than two. Asked first, it reads the traces once. */
export function createSuccesses(traces: readonly Trace[]): (method: string) => readonly Success[] {
  let byMethod: ReadonlyMap<string, readonly Success[]> | null = null;
  return (method) => (byMethod ??= collect(traces)).get(method) ?? [];
}

function collect(traces: readonly Trace[]): ReadonlyMap<string, readonly Success[]> {
  const found = new Map<string, Success[]>();
  const kept = new Map<string, number>();
  for (const trace of traces) {
    for (const connection of trace.connections) {
      const circumstances = JSON.stringify(CIRCUMSTANCES.map(({ of }) => of(connection)));
      for (const rpc of firstOfEachMethod(connection)) {
        const key = `${rpc.method}\n${circumstances}`;
        const count = (kept.get(key) ?? 0) + 1;
        kept.set(key, count);
        if (count > KEPT_OF_EQUAL) continue;
        const same = found.get(rpc.method);
        if (same === undefined) found.set(rpc.method, [{ trace, connection, rpc }]);
        else same.push({ trace, connection, rpc });
      }
    }
  }
  return found;
}

function firstOfEachMethod({ rpcs }: Connection): Iterable<Rpc> {
  const first = new Map<string, Rpc>();
  for (const rpc of rpcs) if (rpc.ok === true && !first.has(rpc.method)) first.set(rpc.method, rpc);
  return first.values();
}
