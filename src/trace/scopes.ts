import type { ConnectRequest, Hello } from "../gateway/connect.ts";
import { keepsScopes } from "../gateway/decide-connect.ts";
import { NOT_MEASURED, look } from "../gateway/measured.ts";
import { type Profile, NO_SCOPE, ROLE_NODE, SOME_SCOPE } from "../gateway/profile.ts";
import { parseScopeRefusal, powerOf, scopesCovering } from "../gateway/scopes.ts";
import type { Rpc, ScopeSets, Upgrade } from "./model.ts";
import { scopesByParams } from "../gateway/authorize-call.ts";
import type { RequestFrame } from "../gateway/frame.ts";

/** What is known of a connection when its scopes are worked out. */
export interface ScopeEvidence {
  readonly connect: ConnectRequest | null;
  readonly hello: Hello | null;
  readonly upgrade: Upgrade | null;
  readonly peerIsLoopback: boolean | null;
  readonly rpcs: readonly Rpc[];
}

type Held = Pick<ScopeSets, "effective" | "effectiveFrom">;

/** Tells requested, granted and effective scopes apart: calls first, then the version's rule, then what hello-ok says. */
export function buildScopeSets(evidence: ScopeEvidence, profile: Profile): ScopeSets {
  const { connect, hello } = evidence;
  const { implies } = profile;
  const requested = connect?.scopes ?? null;
  const granted = hello?.auth?.scopes ?? null;
  const said = { requested, granted, implies };
  if (hello === null) {
    return { ...said, effective: [], effectiveFrom: "rule", proven: [], refuted: [] };
  }
  const base = scopesByHandshake(evidence, hello, profile);
  const { proven, refuted } = scopesByCalls(evidence, profile);
  const disproven = scopesCovering(refuted, implies);
  const kept = base.effective.filter((scope) => !disproven.has(scope));
  const holds = powerOf(kept, implies);
  const added = proven.filter((scope) => holds(scope) !== true);
  const byCalls = proven.length > 0 || refuted.length > 0;
  const isUnknown = base.effectiveFrom === "unknown";
  return {
    ...said,
    effective: [...kept, ...added],
    effectiveFrom: byCalls && !isUnknown ? "calls" : base.effectiveFrom,
    proven,
    refuted,
  };
}

/** The scopes that such a handshake leads to on that version. A connection holds at most what it asks for. */
function scopesByHandshake(
  { connect, upgrade, peerIsLoopback }: ScopeEvidence,
  hello: Hello,
  profile: Profile,
): Held {
  const reported = hello.auth?.scopes ?? null;
  const hasToken = hello.auth?.deviceTokenIssued === true;
  const means = hasToken ? profile.helloScopesWithToken : profile.helloScopesWithoutToken;
  if (reported !== null && (means === "effective" || connect === null)) {
    return { effective: reported, effectiveFrom: "hello" };
  }
  const requested = connect?.scopes ?? [];
  if (connect === null || requested.length === 0) return { effective: [], effectiveFrom: "rule" };
  if (reported !== null && means === NOT_MEASURED) {
    // Whether these are the token's or the connection's, it holds none that it did not ask for.
    const isReported = powerOf(reported, profile.implies);
    const effective = requested.filter((scope) => isReported(scope) === true);
    return { effective, effectiveFrom: "hello" };
  }
  // No rule at all is known of such a version.
  if (profile.keepsScopesWithoutDevice === NOT_MEASURED) return { effective: [], effectiveFrom: "unknown" }; // prettier-ignore
  if (connect.device !== null) return { effective: requested, effectiveFrom: "rule" };
  const keeps =
    upgrade === null
      ? NOT_MEASURED
      : keepsScopes(profile, {
          client: `${connect.client.id}/${connect.client.mode}`,
          peerIsLoopback,
          hasOrigin: upgrade.origin !== null,
          isForwarded: upgrade.forwardingHeaders.length > 0,
        });
  if (keeps === NOT_MEASURED) return { effective: [], effectiveFrom: "unknown" };
  return { effective: keeps ? requested : [], effectiveFrom: "rule" };
}

function scopesByCalls(
  { connect, rpcs }: ScopeEvidence,
  profile: Profile,
): { proven: readonly string[]; refuted: readonly string[] } {
  const proven = new Set<string>();
  const refuted = new Set<string>();
  const asked = powerOf(connect?.scopes ?? [], profile.implies);
  const isAsked = (scope: string): boolean => connect === null || asked(scope) === true;
  for (const rpc of rpcs) {
    if (rpc.ok === true) {
      for (const scope of neededScopes(rpc, profile) ?? []) if (isAsked(scope)) proven.add(scope);
    } else if (rpc.error !== null) {
      const refusal = parseScopeRefusal(rpc.error);
      if (refusal !== null) refuted.add(refusal.missing);
    }
  }
  return { proven: [...proven], refuted: [...refuted] };
}

/** Whether a request has to be read whole, since what it needs depends on its params. */
export function doParamsMatter({ paramRules }: Profile, method: string): boolean {
  return paramRules !== NOT_MEASURED && look(paramRules, method) !== false;
}

/** The scopes that a request's params need by the rules. Of one that was not read whole, only what was measured of its method. */
export function needOfParams(
  profile: Profile,
  frame: RequestFrame,
  isOutlined: boolean,
): Rpc["byParams"] {
  const isUnread = isOutlined && profile.paramRules === NOT_MEASURED;
  return isUnread ? NOT_MEASURED : scopesByParams(profile, frame);
}

/** The scopes that the rules say a call needs; null where they do not know, or it is for nodes. */
export function neededScopes(
  { method, byParams }: Pick<Rpc, "method" | "byParams">,
  profile: Profile,
): readonly string[] | null {
  const need = look(profile.methods, method);
  if (need === NO_SCOPE) return [];
  if (byParams === NOT_MEASURED || need === false || need === NOT_MEASURED) return null;
  if (byParams !== false) return byParams;
  return need === ROLE_NODE || need === SOME_SCOPE ? null : [need];
}
