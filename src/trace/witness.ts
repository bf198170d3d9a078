import { isLoopbackAddress } from "../gateway/address.ts";
import type { Hello } from "../gateway/connect.ts";
import { look, NOT_MEASURED } from "../gateway/measured.ts";
import { NO_SCOPE, SOME_SCOPE, type Profile } from "../gateway/profile.ts";
import { readRefusal } from "../gateway/refusal.ts";
import type { Amendment } from "../gateway/rules.ts";
import { parseScopeRefusal, powerOf } from "../gateway/scopes.ts";
import type { Rpc } from "./model.ts";
import { neededScopes, type ScopeEvidence } from "./scopes.ts";

/** What one connection shows of its Gateway's rules, where that is more or other than the rules say. */
export function testify(id: number, evidence: ScopeEvidence, profile: Profile): readonly Amendment[] {
  if (evidence.hello === null) return testifyRefusedUpgrade(evidence, profile);
  return [
    ...testifyHello(id, evidence, profile),
    ...testifyHelloScopes(id, evidence, profile),
    ...testifyDevicelessScopes(id, evidence, profile),
    ...testifyCalls(id, evidence, profile),
  ];
} // prettier-ignore

// A server in front of the Gateway may refuse as well, so this says nothing against a rule that was measured.
function testifyRefusedUpgrade({ upgrade }: ScopeEvidence, profile: Profile): readonly Amendment[] {
  const isRefused = upgrade?.status === 403 && upgrade.forwardingHeaders.length > 0;
  if (!isRefused || profile.refusesForwarding !== NOT_MEASURED) return [];
  return [{ rule: "refusesForwarding", key: null, value: true, shown: "" }];
}

/** What stands in hello-ok, besides the scopes themselves. */
function testifyHello(id: number, { hello }: ScopeEvidence, profile: Profile): readonly Amendment[] {
  if (hello === null) return [];
  const { auth } = hello;
  const isOpen = profile.helloNamesMethod === NOT_MEASURED;
  const seen = {
    protocol: hello.protocol ?? profile.protocol,
    // Not to be held against what was measured: a method may have been taken out.
    helloNamesMethod: isOpen && auth !== null ? auth.method !== null : profile.helloNamesMethod,
    helloScopesWithoutToken: scopesTold(hello, profile),
  };
  return RULES_OF_HELLO.flatMap((rule) => {
    const value = seen[rule];
    const shown = `hello-ok on connection ${id} shows another one (${String(value)})`;
    return value === profile[rule] ? [] : [{ rule, key: null, value, shown }];
  });
} // prettier-ignore

const RULES_OF_HELLO = ["protocol", "helloNamesMethod", "helloScopesWithoutToken"] as const;

function scopesTold({ auth }: Hello, { helloScopesWithoutToken }: Profile): Profile["helloScopesWithoutToken"] {
  if (auth === null) return "absent";
  return auth.deviceTokenIssued || auth.scopes === null ? helloScopesWithoutToken : "effective";
} // prettier-ignore

/** Whether a hello-ok with a device token reports its scopes, which are sorted and may be more, or what was asked for, as it was. */
function testifyHelloScopes(
  id: number,
  { connect, hello }: ScopeEvidence,
  { helloScopesWithToken, implies }: Profile,
): readonly Amendment[] {
  const granted = hello?.auth?.scopes ?? [];
  if (connect === null || hello?.auth?.deviceTokenIssued !== true) return [];
  const asked = connect.scopes ?? [];
  const says = (value: "token" | "effective", what: string): readonly Amendment[] => {
    const shown = `hello-ok on connection ${id} reports ${what}`;
    return value === helloScopesWithToken
      ? []
      : [{ rule: "helloScopesWithToken", key: null, value, shown }];
  };
  const holds = powerOf(asked, implies);
  if (granted.some((scope) => holds(scope) === false)) return says("token", "more than was asked for"); // prettier-ignore
  const sorted = asked.toSorted().join();
  if (asked.join() === sorted) return [];
  if (granted.join() === asked.join()) return says("effective", "the scopes in the order that they were asked for"); // prettier-ignore
  return granted.join() === sorted ? says("token", "the scopes asked for, in order") : [];
}

/** Whether a near client without a device identity kept what it asked for. */
function testifyDevicelessScopes(
  id: number,
  evidence: ScopeEvidence,
  profile: Profile,
): readonly Amendment[] {
  const { connect, upgrade, peerIsLoopback } = evidence;
  if (connect === null || connect.device !== null || connect.role !== "operator") return [];
  if (upgrade === null || upgrade.origin !== null || upgrade.forwardingHeaders.length > 0)
    return [];
  const isNear =
    peerIsLoopback === true &&
    (profile.localNeedsLoopbackHost === false || isLoopbackAddress(upgrade.host) === true);
  const kept = keptScopes(evidence, profile);
  const client = `${connect.client.id}/${connect.client.mode}`;
  if (!isNear || kept === null || kept === look(profile.keepsScopesWithoutDevice, client))
    return [];
  const shown = `${client} on connection ${id} ${kept ? "kept its" : "lost its"} scopes`;
  return [{ rule: "keepsScopesWithoutDevice", key: client, value: kept, shown }];
}

/** Whether a connection kept what it asked for, as hello-ok or its calls show; null where they do not. */
function keptScopes({ connect, hello, rpcs }: ScopeEvidence, profile: Profile): boolean | null {
  const asked = connect?.scopes ?? [];
  if (asked.length === 0) return null;
  const holds = powerOf(asked, profile.implies);
  for (const rpc of rpcs) {
    const refusal = rpc.error === null ? null : parseScopeRefusal(rpc.error);
    if (refusal !== null && holds(refusal.missing) === true) return false;
    const needed = rpc.ok === true ? neededScopes(rpc, profile) : null;
    if (needed !== null && needed.length > 0 && needed.every((scope) => holds(scope) === true)) {
      return true;
    }
  }
  const auth = hello?.auth ?? null;
  const isTold = auth?.scopes != null && !auth.deviceTokenIssued;
  if (!isTold || profile.helloScopesWithoutToken !== "effective") return null;
  return (auth.scopes ?? []).length > 0;
}

function testifyCalls(id: number, evidence: ScopeEvidence, profile: Profile): readonly Amendment[] {
  const { connect, hello, rpcs } = evidence;
  if (connect === null) return [];
  const isTold =
    hello?.auth?.deviceTokenIssued === false && profile.helloScopesWithoutToken === "effective";
  const told = isTold ? (hello.auth?.scopes ?? []) : [];
  const mayHold = powerOf([...(connect.scopes ?? []), ...told], profile.implies);
  const shown = new Map<string, Amendment>();
  for (const rpc of rpcs) {
    for (const amendment of testifyCall(id, rpc, mayHold, profile)) {
      const { rule, key, value } = amendment;
      // One of many calls that show the same is enough.
      const what = JSON.stringify([rule, key, value]);
      if (!shown.has(what)) shown.set(what, amendment);
    }
  }
  return [...shown.values()];
}

function testifyCall(
  id: number,
  rpc: Rpc,
  mayHold: ReturnType<typeof powerOf>,
  profile: Profile,
): readonly Amendment[] {
    const { method } = rpc;
    if (rpc.ok === true) {
      const needed = neededScopes(rpc, profile);
      const beyond = needed?.find((scope) => mayHold(scope) === false);
      if (beyond === undefined) return [];
      const shown = `${method} was answered on connection ${id}, which did not ask for ${beyond}`;
      const rule = rpc.byParams === false ? "methods" : "paramRules";
      return [{ rule, key: method, value: NOT_MEASURED, shown }];
    }
    return rpc.error === null ? [] : testifyRefusal(id, rpc, rpc.error, mayHold, profile);
} // prettier-ignore

function testifyRefusal(
  id: number,
  { method, byParams }: Rpc,
  error: NonNullable<Rpc["error"]>,
  mayHold: ReturnType<typeof powerOf>,
  profile: Profile,
): readonly Amendment[] {
  const refusal = parseScopeRefusal(error);
  if (refusal === null) return [];
  const { missing, required } = refusal;
  const amendments: Amendment[] = [];
  const words = readRefusal(error, { scope: missing, scopes: required });
  if (JSON.stringify(words) !== JSON.stringify(look(profile.refusals, "missing-scope"))) {
    const shown = `${method} on connection ${id} is refused in other words`;
    amendments.push({ rule: "refusals", key: "missing-scope", value: words, shown });
  }
  const need = look(profile.methods, method);
  if (byParams !== false || need === missing || need === false) return amendments;
  const shown = `${method} was refused for want of ${missing} on connection ${id}`;
  if (need === NOT_MEASURED || need === SOME_SCOPE) {
    // A method that does not exist is refused like one that an admin may call.
    if (missing !== profile.unknownMethodNeeds || need === SOME_SCOPE) {
      amendments.push({ rule: "methods", key: method, value: missing, shown });
    }
  } else if (need === NO_SCOPE || mayHold(need) === false) {
    amendments.push({ rule: "methods", key: method, value: missing, shown });
  } else {
    // It holds what the method was measured to need: its params ask for more.
    amendments.push({ rule: "paramRules", key: method, value: NOT_MEASURED, shown });
  }
  return amendments;
}
