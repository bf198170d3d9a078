import type { Connection } from "../trace/model.ts";

/** The scopes that have a letter of their own, in the order of the columns (OpenClaw docs, gateway/operator-scopes). */
const LETTERS: readonly (readonly [scope: string, letter: string])[] = [
  ["operator.read", "R"],
  ["operator.write", "W"],
  ["operator.admin", "A"],
  ["operator.approvals", "V"],
  ["operator.pairing", "P"],
  ["operator.talk.secrets", "T"],
];

const KNOWN: ReadonlySet<string> = new Set(LETTERS.map(([scope]) => scope));

/** What the letters of `renderScopeLetters` mean, in one line. */
export const SCOPE_LETTERS_LEGEND =
  "operator.*:  R read  W write  A admin  V approvals  P pairing  T talk.secrets   . absent   - not said   +n others";

/** The same where there is no room for more than 76 columns. */
export const SCOPE_LETTERS_SHORT_LEGEND =
  "R read  W write  A admin  V approvals  P pairing  T talk.secrets  . absent";

/** The effective scopes as letters; `-` where the Gateway accepted no connection, so that nothing can be in effect. `?` where there may be more. */
export function renderEffectiveLetters({ scopes, outcome }: Connection): string {
  if (outcome !== "accepted") return renderScopeLetters(null);
  const { effective, effectiveFrom } = scopes;
  if (effectiveFrom !== "unknown") return renderScopeLetters(effective);
  return effective.length === 0 ? "?" : `${renderScopeLetters(effective)} ?`;
}

/** A scope set as six letters or dots, such as `RW....`, with `+n` for scopes that have no letter; `-` when nothing was said at all. */
export function renderScopeLetters(scopes: readonly string[] | null): string {
  if (scopes === null) return "-";
  const held = new Set(scopes);
  const letters = LETTERS.map(([scope, letter]) => (held.has(scope) ? letter : ".")).join("");
  const others = [...held].filter((scope) => !KNOWN.has(scope)).length;
  return others === 0 ? letters : `${letters} +${others}`;
}
