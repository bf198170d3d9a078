import type { Hello } from "../gateway/connect.ts";
import { look, NOT_MEASURED, OTHERS } from "../gateway/measured.ts";
import { methodScope, NO_SCOPE, ROLE_NODE, type Profile } from "../gateway/profile.ts";
import { readRefusal } from "../gateway/refusal.ts";
import { parseScopeRefusal } from "../gateway/scopes.ts";
import { agreeing, rulesFor } from "../gateway/rules.ts";
import type { Sweep } from "./sweep.ts";

/** A profile made from a live Gateway, and what of it was not seen there. */
export interface ProbedProfile {
  /** What the Gateway said, and "not measured" for what no probe can see; its `sources` say which is which. */
  readonly profile: Profile;
  /**
   * Methods that are not advertised and answer as an unknown one would, `missing scope: operator.admin`; they are in the profile
   * because the nearest measured versions have them and do not advertise them either.
   */
  readonly assumed: readonly string[];
  /** Methods that were let through, with empty params. */
  readonly letThrough: readonly string[];
}

/** Makes a profile of what a Gateway said: in hello-ok, and when its methods were called without any scope. */
export function buildProfile(hello: Hello, { needs, refusal }: Sweep): ProbedProfile {
  const { missing = "", required = [] } = parseScopeRefusal(refusal) ?? {};
  const { profile: rules } = rulesFor(hello.serverVersion);
  const advertised = new Set(hello.methods);
  const methods = new Map<string, string>();
  const assumed: string[] = [];
  for (const [method, need] of [...needs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (need.kind === "nothing") methods.set(method, NO_SCOPE);
    if (need.kind === "role") methods.set(method, ROLE_NODE);
    if (need.kind !== "scope") continue;
    if (need.scope === "operator.admin" && !advertised.has(method)) {
      const isKnown = methodScope(rules, method) === need.scope;
      if (!isKnown || look(rules.hiddenMethods, method) !== true) continue;
      assumed.push(method);
    }
    methods.set(method, need.scope);
  }
  const names = [...methods.keys()];
  const profile: Profile = {
    ...agreeing(hello.serverVersion ?? "unknown", []),
    sources: SOURCES,
    protocol: hello.protocol ?? NOT_MEASURED,
    methods: Object.fromEntries(methods),
    hiddenMethods: tableOf(names.filter((method) => !advertised.has(method))),
    events: tableOf(hello.events),
    unknownMethodNeeds: "operator.admin",
    helloScopesWithoutToken: hello.auth === null ? "absent" : "effective",
    helloNamesMethod: hello.auth?.method != null,
    refusals: {
      [OTHERS]: NOT_MEASURED,
      "missing-scope": readRefusal(refusal, { scope: missing, scopes: required }),
    },
  };
  const letThrough = names.filter((method) => methods.get(method) === NO_SCOPE);
  return { profile, assumed, letThrough };
}

const SOURCES: Profile["sources"] = {
  all: "no probe can see it",
  methods: "probed: each was called without a scope and without params",
  hiddenMethods: "probed, and hello-ok",
  unknownMethodNeeds: "probed",
  refusals: "probed, but for the refusals of a connect",
  protocol: "hello-ok",
  events: "hello-ok",
  helloScopesWithoutToken: "hello-ok",
  helloNamesMethod: "hello-ok",
};

function tableOf(names: readonly string[]): Readonly<Record<string, true>> {
  return Object.fromEntries(names.map((name) => [name, true as const]));
}
