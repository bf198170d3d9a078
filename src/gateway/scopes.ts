import { z } from "zod";
import type { FrameError } from "./frame.ts";
import { look, namesIn, NOT_MEASURED, type Measured } from "./measured.ts";
import type { Profile } from "./profile.ts";

/** The operator scopes that OpenClaw's own clients ask for when they ask for everything. */
export const OPERATOR_SCOPES: readonly string[] = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];

/** Whether a connection that holds `held` may do what needs `needed`. */
export function holdsScope(
  held: readonly string[],
  needed: string,
  implies: Profile["implies"],
): Measured<boolean> {
  return powerOf(held, implies)(needed);
}

/** What scopes are good for, all together: to be asked of one scope after the other. The work grows with their number: peers choose it. */
export function powerOf(
  held: readonly string[],
  implies: Profile["implies"],
): (needed: string) => Measured<boolean> {
  const given: ReadonlySet<string> = new Set(held);
  const [sure, maybe] = [new Set(held), new Set<string>()];
  const isAdmin = sure.has("operator.admin");
  let mayBeMore = implies === NOT_MEASURED && held.length > 0;
  for (const scope of namesIn(implies)) {
    if (!given.has(scope)) continue;
    const implied = look(implies, scope);
    if (implied === NOT_MEASURED) mayBeMore = true;
    else if (implied !== false) {
      for (const other of namesIn(implied))
        (look(implied, other) === true ? sure : maybe).add(other);
    }
  }
  return (needed) => {
    if (sure.has(needed) || (isAdmin && needed.startsWith("operator."))) return true;
    return mayBeMore || maybe.has(needed) ? NOT_MEASURED : false;
  };
}

/** Those of `needed` that a connection that holds `held` is known to lack. */
export function lackingScopes(
  needed: readonly string[],
  held: readonly string[],
  implies: Profile["implies"],
): readonly string[] {
  const holds = powerOf(held, implies);
  return needed.filter((scope) => holds(scope) === false);
}

/** Every scope that alone is known to satisfy one of `needed`. */
export function scopesCovering(
  needed: readonly string[],
  implies: Profile["implies"],
): ReadonlySet<string> {
  const covering = new Set(needed);
  if (needed.some((scope) => scope.startsWith("operator."))) covering.add("operator.admin");
  for (const scope of namesIn(implies)) {
    const implied = look(implies, scope);
    if (typeof implied === "object" && needed.some((other) => look(implied, other) === true)) {
      covering.add(scope);
    }
  }
  return covering;
}

/** Whether what is approved for a role covers all that is asked for. Scopes outside the role's own are never covered. */
export function coversScopes(
  approved: readonly string[],
  asked: readonly string[],
  role: string,
  { implies }: Pick<Profile, "implies">,
): Measured<boolean> {
  const held = trimmed(approved);
  const holds = role === "operator" ? powerOf(held, implies) : powerOf(held, {});
  const covers = trimmed(asked).map((scope) => scope.startsWith(`${role}.`) && holds(scope));
  if (covers.includes(false)) return false;
  return covers.includes(NOT_MEASURED) ? NOT_MEASURED : true;
}

/** The scopes as they go into a device token: with what admin and write stand for, sorted. */
export function tokenScopesOf(scopes: readonly string[]): readonly string[] {
  const all = new Set(trimmed(scopes));
  if (all.has("operator.admin")) all.add("operator.write");
  if (all.has("operator.write")) all.add("operator.read");
  return [...all].toSorted();
}

function trimmed(scopes: readonly string[]): readonly string[] {
  return [...new Set(scopes.map((scope) => scope.trim()).filter((scope) => scope !== ""))];
}

/** A request refused for want of a scope. */
export interface ScopeRefusal {
  /** The scope that the Gateway names. Others may do as well: the error never lists the alternatives. */
  readonly missing: string;
  /** All scopes that the request needs, where the Gateway says so; else just the missing one. */
  readonly required: readonly string[];
}

const missingScopeDetails = z.looseObject({
  code: z.literal("MISSING_SCOPE"),
  missingScope: z.string(),
  requiredScopes: z.array(z.string()).catch([]).default([]),
});

/**
 * Reads a refusal for want of a scope in both generations: the text `missing scope: X` and
 * `details.code` `MISSING_SCOPE`. Null for every other error.
 */
export function parseScopeRefusal(
  error: Pick<FrameError, "message" | "details">,
): ScopeRefusal | null {
  const details = missingScopeDetails.safeParse(error.details);
  if (details.success) {
    const { missingScope, requiredScopes } = details.data;
    return {
      missing: missingScope,
      required: requiredScopes.length > 0 ? requiredScopes : [missingScope],
    };
  }
  // 2026.5.4 answers the method `constructor` with "missing scope: function Object() {…": not a scope name.
  const match = /^missing scope: ([a-z][\w.-]*)$/.exec(error.message);
  return match?.[1] === undefined ? null : { missing: match[1], required: [match[1]] };
}

/** The role that a refusal `unauthorized role: X` names; null for every other error. */
export function parseRoleRefusal(error: FrameError): string | null {
  return /^unauthorized role: (\S+)$/.exec(error.message)?.[1] ?? null;
}
