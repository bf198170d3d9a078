import { z } from "zod";
import type { FrameError } from "./frame.ts";
import { ownField } from "./json-object.ts";

/** The operator scopes that OpenClaw's own clients ask for when they ask for everything. */
export const OPERATOR_SCOPES: readonly string[] = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];

/** Which further scopes a scope stands for; `operator.admin` stands for every operator scope and is not listed. */
export type ScopeImplications = Readonly<Record<string, readonly string[]>>;

/** True when a connection that holds `held` may do what needs `needed`. */
export function holdsScope(
  held: readonly string[],
  needed: string,
  implications: ScopeImplications,
): boolean {
  return held.some((scope) => scopeCovers(scope, needed, implications));
}

/** True when `scope` alone satisfies `needed`. */
export function scopeCovers(
  scope: string,
  needed: string,
  implications: ScopeImplications,
): boolean {
  if (scope === needed) return true;
  if (scope === "operator.admin") return needed.startsWith("operator.");
  return ownField(implications, scope)?.includes(needed) ?? false;
}

/** Those of `needed` that a connection that holds `held` lacks. The work grows with the sum of both lists: peers choose their length. */
export function lackingScopes(
  needed: readonly string[],
  held: readonly string[],
  implications: ScopeImplications,
): readonly string[] {
  const covered = new Set(held);
  const isAdmin = covered.has("operator.admin");
  for (const [scope, implied] of Object.entries(implications)) {
    if (covered.has(scope)) for (const other of implied) covered.add(other);
  }
  return needed.filter(
    (scope) => !covered.has(scope) && !(isAdmin && scope.startsWith("operator.")),
  );
}

/** Every scope that alone satisfies one of `needed`. */
export function scopesCovering(
  needed: readonly string[],
  implications: ScopeImplications,
): ReadonlySet<string> {
  const wanted = new Set(needed);
  const covering = new Set(needed);
  if (needed.some((scope) => scope.startsWith("operator."))) covering.add("operator.admin");
  for (const [scope, implied] of Object.entries(implications)) {
    if (implied.some((other) => wanted.has(other))) covering.add(scope);
  }
  return covering;
}

/** A request refused for want of a scope. */
export interface ScopeRefusal {
  /** The scope that the Gateway names. Others may do as well: the error never lists the alternatives. */
  readonly missing: string;
  /** All scopes that the request needs, where the Gateway says so (from 2026.9); else just the missing one. */
  readonly required: readonly string[];
}

const missingScopeDetails = z.looseObject({
  code: z.literal("MISSING_SCOPE"),
  missingScope: z.string(),
  requiredScopes: z.array(z.string()).catch([]).default([]),
});

/**
 * Reads a refusal for want of a scope in both generations: the text `missing scope: X` (up to 2026.6) and
 * `details.code` `MISSING_SCOPE` (from 2026.9). Null for every other error.
 */
export function parseScopeRefusal(error: FrameError): ScopeRefusal | null {
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
