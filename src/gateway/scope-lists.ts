import type { Profile } from "./profile.ts";
import { holdsScope } from "./scopes.ts";

/** True when what is approved for a role covers all that is asked for. Scopes outside the role's own are never covered. */
export function coversScopes(
  approved: readonly string[],
  asked: readonly string[],
  role: string,
  { implies }: Pick<Profile, "implies">,
): boolean {
  const wanted = trimmed(asked);
  if (wanted.length === 0) return true;
  const held = trimmed(approved);
  return wanted.every((scope) => {
    if (!scope.startsWith(`${role}.`)) return false;
    return role === "operator" ? holdsScope(held, scope, implies) : held.includes(scope);
  });
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
