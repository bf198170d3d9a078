import type { WireError } from "./connect-question.ts";
import { paramScopes } from "./param-scopes.ts";
import { methodScope, type Profile } from "./profile.ts";
import { holdsScope } from "./scopes.ts";

/** Who calls: the role of the connection and what it can effectively do. */
export interface Caller {
  readonly role: string;
  readonly scopes: readonly string[];
}

/** Whether a Gateway lets a call through to its handler. What the handler says is another matter. */
export type CallDecision =
  | { readonly kind: "allowed"; readonly needed: readonly string[] }
  | { readonly kind: "refused"; readonly error: WireError; readonly needed: readonly string[] }
  | { readonly kind: "unknown"; readonly missing: string };

const ADMIN = "operator.admin";

/**
 * Decides on a call as that version's Gateway does, before params are validated and before it is asked whether the method
 * exists: role, then scopes. Pure. `advertised` are methods that hello-ok lists, plugins' included.
 */
export function authorizeCall(
  profile: Profile,
  { role, scopes }: Caller,
  call: { readonly method: string; readonly params: unknown },
  advertised: readonly string[] = [],
): CallDecision {
  const { method } = call;
  if (method === "health") return allow([]);
  const isNodes = profile.nodeMethods.includes(method);
  if (isNodes !== (role === "node")) {
    const error = { code: "INVALID_REQUEST", message: `unauthorized role: ${role}` };
    return { kind: "refused", error, needed: [] };
  }
  if (isNodes || profile.freeMethods.includes(method)) return allow([]);
  if (scopes.includes(ADMIN)) {
    return isKnown(profile, method, advertised) ? allow([ADMIN]) : refuseUnknownMethod(method);
  }
  const needed = neededScopes(profile, call, advertised);
  if (needed === null) return { kind: "unknown", missing: `which scope ${method} needs` };
  const missing = needed.find((scope) => !holdsScope(scopes, scope, profile.implies));
  if (missing === undefined) {
    if (!looksAtOwner(profile, method)) return allow(needed);
    return { kind: "unknown", missing: `whether ${method} may be done to that session` };
  }
  if (isHalfOpen(profile, scopes, method, missing)) {
    return { kind: "unknown", missing: `what ${method} says to a session-scoped caller` };
  }
  return refuseScope(profile, missing, needed);
}

/** What a request for an unknown method is answered with, once it was let in. */
function refuseUnknownMethod(method: string): CallDecision {
  const error = { code: "INVALID_REQUEST", message: `unknown method: ${method}` };
  return { kind: "refused", error, needed: [ADMIN] };
}

function neededScopes(
  profile: Profile,
  { method, params }: { readonly method: string; readonly params: unknown },
  advertised: readonly string[],
): readonly string[] | null {
  const byParams = paramScopes(profile, method, params);
  if (byParams !== undefined) return byParams;
  const scope = methodScope(profile, method);
  if (scope !== null) return [scope];
  // A plugin's method brings its own scope; one that nobody knows needs admin (default deny).
  return advertised.includes(method) ? null : [ADMIN];
}

function isKnown(profile: Profile, method: string, advertised: readonly string[]): boolean {
  if (methodScope(profile, method) !== null) return method !== "connect";
  return advertised.includes(method);
}

/** From 2026.9 on it is looked at whose session is stopped, for all but admins, and before the params are. */
function looksAtOwner({ implies }: Profile, method: string): boolean {
  const hasNarrowScopes = (implies["operator.write"] ?? []).includes("operator.sessions.write");
  return hasNarrowScopes && method === "sessions.abort";
}

/** From 2026.9 on the narrow session scopes open some methods half-way; which, and for whom, was not measured. */
function isHalfOpen(
  profile: Profile,
  scopes: readonly string[],
  method: string,
  missing: string,
): boolean {
  if (!(profile.implies["operator.write"] ?? []).includes("operator.sessions.write")) return false;
  if (method.startsWith("question.")) {
    return holdsScope(scopes, "operator.sessions.read", profile.implies);
  }
  const isNarrow = scopes.some((scope) => scope.startsWith("operator.sessions."));
  return isNarrow && (missing === "operator.read" || missing === "operator.write");
}

function refuseScope(
  { scopeRefusal }: Profile,
  missing: string,
  needed: readonly string[],
): CallDecision {
  const { code, detailCode } = scopeRefusal;
  const message = `missing scope: ${missing}`;
  const details = { code: detailCode, missingScope: missing, requiredScopes: needed };
  return {
    kind: "refused",
    error: detailCode === null ? { code, message } : { code, message, details },
    needed,
  };
}

function allow(needed: readonly string[]): CallDecision {
  return { kind: "allowed", needed };
}
