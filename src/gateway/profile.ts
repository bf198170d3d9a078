import { profile as v2026_2_19 } from "./profiles/2026.2.19.ts";
import { profile as v2026_3_13 } from "./profiles/2026.3.13.ts";
import { profile as v2026_5_4 } from "./profiles/2026.5.4.ts";
import { profile as v2026_6_11 } from "./profiles/2026.6.11.ts";
import { profile as v2026_9_6 } from "./profiles/2026.9.6.ts";
import type { ScopeImplications } from "./scopes.ts";

/** What one Gateway version requires and grants: data, measured on that version. */
export interface Profile {
  readonly version: string;
  readonly protocol: number;
  /** Which scope each method needs, grouped by scope. The method may need more, depending on its params. */
  readonly methods: Readonly<Record<string, readonly string[]>>;
  /** Methods that any accepted connection may call. */
  readonly freeMethods: readonly string[];
  /** Methods for role `node` only; an operator is told `unauthorized role: operator`. */
  readonly nodeMethods: readonly string[];
  /** Those of all these methods that hello-ok does not advertise. */
  readonly hiddenMethods: readonly string[];
  /** The events that hello-ok advertises. */
  readonly events: readonly string[];
  /** What a request refused for want of a scope is answered with: `error.code` and `error.details.code`. */
  readonly scopeRefusal: { readonly code: string; readonly detailCode: string | null };
  readonly implies: ScopeImplications;
  /** Clients (`id/mode`) without a device identity that keep the scopes they ask for, when local, without an Origin header. */
  readonly keepsScopesWithoutDevice: readonly string[];
  /**
   * What `hello-ok.auth.scopes` means: the connection's scopes (`effective`); the device token's where one was issued,
   * else the connection's (`token-or-effective`); or the token's, with no `auth` field at all without a token (`token-or-absent`).
   */
  readonly helloScopes: "effective" | "token-or-effective" | "token-or-absent";
  /** True when a device token that covers too few scopes is refused as such, not as a "token mismatch". */
  readonly namesScopeMismatch: boolean;
}

/** All measured versions, oldest first. */
export const PROFILES: readonly Profile[] = [
  v2026_2_19,
  v2026_3_13,
  v2026_5_4,
  v2026_6_11,
  v2026_9_6,
];

/** The profile of that version, or of the newest measured one before it (the oldest when there is none). */
export function profileFor(version: string | null): Profile {
  const wanted = version === null ? null : parseVersion(version);
  let chosen: Profile = wanted === null ? v2026_9_6 : v2026_2_19;
  if (wanted === null) return chosen;
  for (const profile of PROFILES)
    if (compareVersions(parseVersion(profile.version), wanted) <= 0) chosen = profile;
  return chosen;
}

const scopesByMethod = new WeakMap<Profile, ReadonlyMap<string, string>>();

/** The scope that the method needs at least, or null when the profile does not know it or it needs none. */
export function methodScope(profile: Profile, method: string): string | null {
  let byMethod = scopesByMethod.get(profile);
  if (byMethod === undefined) {
    byMethod = new Map(
      Object.entries(profile.methods).flatMap(([scope, methods]) =>
        methods.map((name) => [name, scope] as const),
      ),
    );
    scopesByMethod.set(profile, byMethod);
  }
  return byMethod.get(method) ?? null;
}

// "2026.5.4" and "2026.5.4-1" alike; anything unreadable sorts as the oldest.
function parseVersion(version: string): readonly number[] {
  return version.split(/[.-]/).map((part) => (/^\d+$/.test(part) ? Number(part) : 0));
}

function compareVersions(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
