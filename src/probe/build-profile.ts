import { parseRefusal, type Hello } from "../gateway/connect.ts";
import { methodScope, profileFor, type Profile } from "../gateway/profile.ts";
import type { Sweep } from "./sweep.ts";

/** A profile made from a live Gateway, and what of it was not seen there. */
export interface ProbedProfile {
  readonly profile: Profile;
  /** The measured version whose rules stand in for those that no probe can see: implied scopes, who keeps scopes, what hello-ok means. */
  readonly rulesFrom: string;
  /**
   * Methods that are not advertised and answer as an unknown one would, `missing scope: operator.admin`; they are in the profile
   * because the version of `rulesFrom` has them and does not advertise them either.
   */
  readonly assumed: readonly string[];
  /** Methods that were let through, with empty params. */
  readonly letThrough: readonly string[];
}

/** Makes a profile of what a Gateway said: in hello-ok, and when its methods were called without any scope. */
export function buildProfile(hello: Hello, { needs, refusal }: Sweep): ProbedProfile {
  const rules = profileFor(hello.serverVersion);
  const advertised = new Set(hello.methods);
  const methods = new Map<string, string[]>();
  const free: string[] = [];
  const node: string[] = [];
  const assumed: string[] = [];
  for (const method of [...needs.keys()].toSorted()) {
    const need = needs.get(method);
    if (need?.kind === "nothing") free.push(method);
    if (need?.kind === "role") node.push(method);
    if (need?.kind !== "scope") continue;
    if (need.scope === "operator.admin" && !advertised.has(method)) {
      const isKnown = methodScope(rules, method) === need.scope;
      if (!isKnown || !rules.hiddenMethods.includes(method)) continue;
      assumed.push(method);
    }
    methods.set(need.scope, [...(methods.get(need.scope) ?? []), method]);
  }
  const found = [...[...methods.values()].flat(), ...free, ...node];
  const profile: Profile = {
    ...rules,
    version: hello.serverVersion ?? "unknown",
    protocol: hello.protocol ?? rules.protocol,
    methods: Object.fromEntries([...methods].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    freeMethods: free,
    nodeMethods: node,
    hiddenMethods: found.filter((method) => !advertised.has(method)).toSorted(),
    events: hello.events.toSorted(),
    scopeRefusal: { code: refusal.code, detailCode: parseRefusal(refusal).detailCode },
  };
  return { profile, rulesFrom: rules.version, assumed, letThrough: free };
}
