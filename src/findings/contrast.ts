import { look } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { holdsScope } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import type { Contrast, Difference } from "./finding.ts";
import type { RuleContext } from "./rule.ts";
import { nameClient, namePeer, nameScopes } from "./wording.ts";

interface Weighted extends Difference {
  /** How likely this difference alone explains a missing scope, under the measured rules; only the order matters. */
  readonly weight: number;
}

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
  let best: { readonly success: Success; readonly differences: readonly Weighted[] } | null = null;
  for (const success of successes.of(method)) {
    if (success.connection === failed) continue;
    const differences = compareHandshakes(failed, success.connection, needed, profile);
    if (best === null || distance(differences) < distance(best.differences))
      best = { success, differences };
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
    differences: best.differences
      .filter(isKnown)
      .map(({ field, failed: left, succeeded }) => ({ field, failed: left, succeeded })),
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
  const weights = weigh(failed, succeeded, needed, profile);
  const [left, right] = [describeCircumstances(failed), describeCircumstances(succeeded)];
  return weights
    .map(([field, weight]) => ({ field, weight, failed: left[field], succeeded: right[field] }))
    .filter((difference) => difference.failed !== difference.succeeded && difference.weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
}

/** What the recording does not hold of one of the two makes them less alike, but nobody can say that it differs. */
function isKnown({ failed, succeeded }: Difference): boolean {
  return failed !== UNKNOWN && succeeded !== UNKNOWN;
}

function weigh(
  failed: Connection,
  succeeded: Connection,
  needed: string | null,
  profile: Profile,
): readonly (readonly [Circumstance, number])[] {
  const asksFor = ({ scopes }: Connection) =>
    needed === null || holdsScope(scopes.requested ?? [], needed, profile.implies) === true;
  const keeps = (connection: Connection) =>
    look(profile.keepsScopesWithoutDevice, nameClient(connection)) === true;
  return [
    ["requested scopes", asksFor(failed) === asksFor(succeeded) ? 15 : 100],
    ["device identity", hasDevice(failed) ? 35 : 90],
    ["role", 85],
    ["peer the Gateway saw", failed.peerIsLoopback === succeeded.peerIsLoopback ? 0 : 80],
    ["forwarding headers", 78],
    ["Origin header", 75],
    ["client", keeps(failed) === keeps(succeeded) ? 30 : 70],
    ["Gateway version", 60],
    ["credential", 50],
    ["client version", 5],
  ];
}

/** What about a handshake can make a Gateway treat two connections differently, in words. */
export type Circumstance =
  | "requested scopes"
  | "device identity"
  | "role"
  | "peer the Gateway saw"
  | "forwarding headers"
  | "Origin header"
  | "client"
  | "Gateway version"
  | "credential"
  | "client version";

/** Stands for a circumstance that the recording does not hold. */
export const UNKNOWN = "unknown";

/** The circumstances of a connection; two with equal ones differ in nothing that its findings look at. */
export function describeCircumstances(
  connection: Connection,
): Readonly<Record<Circumstance, string>> {
  const { handshake, scopes, upgrade } = connection;
  const { connect } = handshake;
  return {
    "requested scopes": connect === null ? UNKNOWN : nameScopes(scopes.requested),
    "device identity": connect === null ? UNKNOWN : hasDevice(connection) ? "sent" : "none",
    role: connect?.role ?? UNKNOWN,
    "peer the Gateway saw": namePeer(connection),
    "forwarding headers":
      upgrade === null ? UNKNOWN : upgrade.forwardingHeaders.join(", ") || "none",
    "Origin header": upgrade === null ? UNKNOWN : (upgrade.origin ?? "none"),
    client: nameClient(connection),
    "Gateway version": handshake.hello?.serverVersion ?? UNKNOWN,
    credential: connect === null ? UNKNOWN : connect.authKinds.join(", ") || "none",
    "client version": connect?.client.version ?? UNKNOWN,
  };
}

/** True when the connect carries a device identity. */
export function hasDevice({ handshake }: Connection): boolean {
  return (handshake.connect?.device ?? null) !== null;
}

/** A call that succeeded. */
export interface Success {
  readonly trace: Trace;
  readonly connection: Connection;
  readonly rpc: Rpc;
}

/** Of calls that succeeded under equal circumstances the first is as good as any; the second is for when the first is the one judged. */
const KEPT_OF_EQUAL = 2;

/** Where calls succeeded, by method, in order of arrival. Looked up for the first time, it reads the traces once. */
export class Successes {
  readonly #traces: readonly Trace[];
  #byMethod: ReadonlyMap<string, readonly Success[]> | null = null;

  constructor(traces: readonly Trace[]) {
    this.#traces = traces;
  }

  /** Connections on which that method succeeded; of those with equal handshakes no more than two. */
  of(method: string): readonly Success[] {
    this.#byMethod ??= collect(this.#traces);
    return this.#byMethod.get(method) ?? [];
  }
}

function collect(traces: readonly Trace[]): ReadonlyMap<string, readonly Success[]> {
  const found = new Map<string, Success[]>();
  const kept = new Map<string, number>();
  for (const trace of traces) {
    for (const connection of trace.connections) {
      const circumstances = JSON.stringify(describeCircumstances(connection));
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
