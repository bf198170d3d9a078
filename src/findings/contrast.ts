import { look } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { holdsScope } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { describeCircumstances, hasDevice, UNKNOWN, type Circumstance } from "./circumstances.ts";
import type { Contrast, Difference } from "./finding.ts";
import type { RuleContext } from "./rule.ts";
import type { Success } from "./successes.ts";
import { nameClient } from "./wording.ts";

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
