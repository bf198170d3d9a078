import { isJsonObject, type JsonObject, ownField } from "./json-object.ts";
import { decide, know, look, NOT_MEASURED, type Measured, type Unknown, unknown } from "./measured.ts"; // prettier-ignore
import { NO_SCOPE, ROLE_NODE, SOME_SCOPE, type ParamTest, type Profile } from "./profile.ts";
import { writeRefusal, type WireError } from "./refusal.ts";
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
  | Unknown;

interface Call {
  readonly method: string;
  readonly params: unknown;
}

const ADMIN = "operator.admin";

/**
 * Decides on a call as that version's Gateway does, before params are validated and before it is asked whether the method
 * exists: role, then scopes. Pure. `advertised` are methods that hello-ok lists, plugins' included.
 */
export function authorizeCall(
  profile: Profile,
  caller: Caller,
  call: Call,
  advertised: readonly string[] = [],
): CallDecision {
  return decide(() => {
    const { method } = call;
    const { role, scopes } = caller;
    if (look(profile.openMethods, method) === true) return allow([]);
    const need = know(look(profile.methods, method), `what ${method} needs`);
    if ((need === ROLE_NODE) !== (role === "node")) {
      return refuse(profile, "unauthorized-role", [], { role });
    }
    if (need === ROLE_NODE || need === NO_SCOPE) return allow([]);
    // A plugin's method brings its own scope, and is let in for admins whatever that is.
    const isForeign = need === false && advertised.includes(method);
    if (scopes.includes(ADMIN)) {
      const exists = need !== false || isForeign;
      return exists ? allow([ADMIN]) : refuse(profile, "unknown-method", [ADMIN], { method });
    }
    if (isForeign || need === SOME_SCOPE) unknown(`which scope ${method} needs`);
    return decideScopes(profile, scopes, call, need);
  });
}

function decideScopes(
  profile: Profile,
  scopes: readonly string[],
  call: Call,
  need: string | false,
): CallDecision {
  const { method } = call;
  const own =
    need === false ? know(profile.unknownMethodNeeds, "what an unknown method needs") : need;
  const byParams = know(
    need === false ? false : scopesByParams(profile, call),
    `what ${method} needs with such params`,
  );
  const needed = byParams === false ? [own] : byParams;
  const missing = needed.find((scope) => !holds(profile, scopes, scope));
  if (missing === undefined) {
    if (look(profile.ownedMethods, method) === false) return allow(needed);
    return unknown(`whether ${method} may be done to that session`);
  }
  if (isHalfOpen(profile, scopes, method, missing)) {
    unknown(`what ${method} says to a session-scoped caller`);
  }
  return refuse(profile, "missing-scope", needed, { scope: missing, scopes: needed });
}

function holds(profile: Profile, scopes: readonly string[], scope: string): boolean {
  const what = `whether ${scopes.join(", ")} ${scopes.length === 1 ? "stands" : "stand"} for ${scope}`;
  return know(holdsScope(scopes, scope, profile.implies), what);
}

/** A narrow scope opens some methods half-way; which, and for whom, was not measured. */
function isHalfOpen(
  { halfOpenMethods, narrowScopes, implies }: Profile,
  scopes: readonly string[],
  method: string,
  missing: string,
): boolean {
  const key = look(halfOpenMethods, method);
  if (key !== false && key !== NOT_MEASURED) return holdsScope(scopes, key, implies) !== false;
  if (missing !== "operator.read" && missing !== "operator.write") return key === NOT_MEASURED;
  return scopes.some((scope) => look(narrowScopes, scope) !== false);
}

/** The scopes that such params need; false when the method's own scope is all. */
export function scopesByParams(
  { paramRules }: Pick<Profile, "paramRules">,
  { method, params }: Call,
): Measured<readonly string[] | false> {
  const rules = look(paramRules, method);
  const object = isJsonObject(params) ? params : {};
  // Without params a method needs what it was seen to need when it was probed.
  if (rules === NOT_MEASURED) return Object.keys(object).length === 0 ? false : NOT_MEASURED;
  if (rules === false) return false;
  const rule = rules.find(({ when }) => when.every((test) => passes(test, object)));
  return rule?.scopes ?? false;
}

function passes(test: ParamTest, params: JsonObject): boolean {
  const value = valueAt(params, test.field);
  if ("is" in test) return value === test.is;
  if ("matches" in test)
    return typeof value === "string" && new RegExp(test.matches, "i").test(value);
  if ("isPresent" in test) return Object.hasOwn(params, test.field);
  if (!isJsonObject(value)) return false;
  const names = Object.keys(value);
  if ("hasOnly" in test) return names.every((name) => test.hasOnly.includes(name));
  return names.some((name) => !test.hasOtherThan.includes(name));
}

function valueAt(params: JsonObject, field: string): unknown {
  if (field === "") return params;
  let value: unknown = params;
  for (const name of field.split(".")) {
    value = isJsonObject(value) ? ownField(value, name) : undefined;
  }
  return value;
}

function refuse(
  profile: Profile,
  cause: string,
  needed: readonly string[],
  values: Readonly<Record<string, unknown>>,
): CallDecision {
  const { error } = writeRefusal(profile, [cause], values);
  return { kind: "refused", error, needed };
}

function allow(needed: readonly string[]): CallDecision {
  return { kind: "allowed", needed };
}
