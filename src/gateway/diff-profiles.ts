import type { Profile } from "./profile.ts";

/** A method and what it needs: a scope, `role node`, or `no scope`. */
export interface MethodNeed {
  readonly method: string;
  readonly needs: string;
}

/** A value that is another in the newer version; both as text. */
export interface Change {
  readonly from: string;
  readonly to: string;
}

/** What going from one Gateway version to another changes for a client. */
export interface ProfileDiff {
  readonly from: string;
  readonly to: string;
  readonly protocol: Change | null;
  readonly added: readonly MethodNeed[];
  readonly removed: readonly MethodNeed[];
  /** Methods that both have and that need something else. */
  readonly changed: readonly (Change & { readonly method: string })[];
  readonly addedEvents: readonly string[];
  readonly removedEvents: readonly string[];
  /** Rules about scopes and errors that differ, each named in plain words. */
  readonly rules: readonly (Change & { readonly rule: string })[];
}

type Rule = readonly [rule: string, read: (profile: Profile) => string];

const RULES: readonly Rule[] = [
  ["error of a missing scope", describeScopeRefusal],
  ["scopes that imply others", describeImplications],
  ["clients that keep their scopes without a device", keptWithoutDevice],
  ["what hello-ok's scopes mean", ({ helloScopes }) => helloScopes],
  [
    "a device token with too few scopes is refused as",
    ({ namesScopeMismatch }) => (namesScopeMismatch ? "a scope mismatch" : "a token mismatch"),
  ],
];

/** Compares two profiles, from the older to the newer one. Lists are in alphabetical order. */
export function diffProfiles(from: Profile, to: Profile): ProfileDiff {
  const [before, after] = [needsByMethod(from), needsByMethod(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const changes = names.map((method) => ({
    method,
    from: before.get(method) ?? null,
    to: after.get(method) ?? null,
  }));
  return {
    from: from.version,
    to: to.version,
    protocol: changeOf(String(from.protocol), String(to.protocol)),
    added: changes.flatMap(({ method, from: old, to: needs }) =>
      old === null && needs !== null ? [{ method, needs }] : [],
    ),
    removed: changes.flatMap(({ method, from: needs, to: now }) =>
      now === null && needs !== null ? [{ method, needs }] : [],
    ),
    changed: changes.flatMap(({ method, from: old, to: now }) =>
      old !== null && now !== null && old !== now ? [{ method, from: old, to: now }] : [],
    ),
    addedEvents: without(to.events, from.events),
    removedEvents: without(from.events, to.events),
    rules: RULES.flatMap(([rule, read]) => {
      const change = changeOf(read(from), read(to));
      return change === null ? [] : [{ rule, ...change }];
    }),
  };
}

/** True when nothing that a profile knows differs. */
export function isSameProfile(diff: ProfileDiff): boolean {
  const { protocol, added, removed, changed, addedEvents, removedEvents, rules } = diff;
  const lists = [added, removed, changed, addedEvents, removedEvents, rules];
  return protocol === null && lists.every(({ length }) => length === 0);
}

function needsByMethod(profile: Profile): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(profile.methods).flatMap(([scope, methods]) =>
      methods.map((method) => [method, scope] as const),
    ),
    ...profile.nodeMethods.map((method) => [method, "role node"] as const),
    ...profile.freeMethods.map((method) => [method, "no scope"] as const),
  ]);
}

function changeOf(from: string, to: string): Change | null {
  return from === to ? null : { from, to };
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name)).toSorted();
}

function describeScopeRefusal({ scopeRefusal: { code, detailCode } }: Profile): string {
  return detailCode === null ? `${code}, no details` : `${code}, details.code ${detailCode}`;
}

function describeImplications({ implies }: Profile): string {
  const sentences = Object.entries(implies).map(
    ([scope, implied]) => `${scope} stands for ${implied.toSorted().join(", ")}`,
  );
  return sentences.toSorted().join("; ") || "none but operator.admin";
}

function keptWithoutDevice({ keepsScopesWithoutDevice }: Profile): string {
  return keepsScopesWithoutDevice.toSorted().join(", ") || "none";
}
