import type { ConnectRequest, Hello } from "../gateway/connect.ts";
import { keepsScopes } from "../gateway/grants.ts";
import { methodScope, profileFor, type Profile } from "../gateway/profile.ts";
import { lackingScopes, parseScopeRefusal, scopesCovering } from "../gateway/scopes.ts";
import type { Rpc, ScopeSets, Upgrade } from "./model.ts";

/** What is known of a connection when its scopes are worked out. */
export interface ScopeEvidence {
  readonly connect: ConnectRequest | null;
  readonly hello: Hello | null;
  readonly upgrade: Upgrade | null;
  readonly peerIsLoopback: boolean | null;
  readonly rpcs: readonly Rpc[];
}

/** Tells requested, granted and effective scopes apart: calls first, then the version's rule, then what hello-ok says. */
export function buildScopeSets(evidence: ScopeEvidence): ScopeSets {
  const { connect, hello } = evidence;
  const requested = connect?.scopes ?? null;
  const granted = hello?.auth?.scopes ?? null;
  if (hello === null) {
    return { requested, granted, effective: [], effectiveFrom: "rule", proven: [], refuted: [] };
  }
  const profile = profileFor(hello.serverVersion);
  const base = scopesByHandshake(evidence, hello, profile);
  const { proven, refuted } = scopesByCalls(evidence.rpcs, profile);
  const disproven = scopesCovering(refuted, profile.implies);
  const kept = base.scopes.filter((scope) => !disproven.has(scope));
  const added = lackingScopes(proven, kept, profile.implies);
  const byCalls = proven.length > 0 || refuted.length > 0;
  return {
    requested,
    granted,
    effective: [...kept, ...added],
    effectiveFrom: byCalls ? "calls" : base.from,
    proven,
    refuted,
  };
}

/** The scopes that such a handshake leads to on that version. */
function scopesByHandshake(
  { connect, upgrade, peerIsLoopback }: ScopeEvidence,
  hello: Hello,
  profile: Profile,
): { readonly scopes: readonly string[]; readonly from: "rule" | "hello" } {
  const reported = hello.auth?.scopes ?? null;
  const helloIsTrue =
    profile.helloScopes === "effective" ||
    (profile.helloScopes === "token-or-effective" && hello.auth?.deviceTokenIssued === false);
  if (reported !== null && (helloIsTrue || connect === null))
    return { scopes: reported, from: "hello" };
  if (connect === null || connect.scopes === null) return { scopes: [], from: "rule" };
  if (connect.device !== null) return { scopes: connect.scopes, from: "rule" };
  const keeps =
    upgrade !== null &&
    keepsScopes(profile, {
      client: `${connect.client.id}/${connect.client.mode}`,
      peerIsLoopback,
      hasOrigin: upgrade.origin !== null,
      isForwarded: upgrade.forwardingHeaders.length > 0,
    });
  return { scopes: keeps ? connect.scopes : [], from: "rule" };
}

function scopesByCalls(
  rpcs: readonly Rpc[],
  profile: Profile,
): { proven: readonly string[]; refuted: readonly string[] } {
  const proven = new Set<string>();
  const refuted = new Set<string>();
  for (const rpc of rpcs) {
    if (rpc.ok === true) {
      const scope = methodScope(profile, rpc.method);
      if (scope !== null) proven.add(scope);
    } else if (rpc.error !== null) {
      const refusal = parseScopeRefusal(rpc.error);
      if (refusal !== null) refuted.add(refusal.missing);
    }
  }
  return { proven: [...proven], refuted: [...refuted] };
}
