import { closest, distance } from "fastest-levenshtein";
import { look, NOT_MEASURED } from "../gateway/measured.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { entriesOf, groupByMethod, timesOf } from "./group.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";

/** The nearest name is looked for with so much of the method's: it may be any text. */
const MAX_CHARACTERS = 100;

/** True for a call that the Gateway answered in so many words that it has no such method. */
export function isToldUnknown({ error }: Rpc): boolean {
  return error !== null && error.message.startsWith("unknown method: ");
}

/**
 * True when a call was most likely refused because the Gateway has no such method: hello-ok lists methods and this one is not among
 * them, nor is it known as one that the version keeps to itself, and the scope that is missing is the one that unknown methods need.
 */
export function isUnknownMethod(
  { handshake: { hello } }: Connection,
  method: string,
  missing: string,
  { profile }: Pick<RuleContext, "profile">,
): boolean {
  const advertised = hello?.methods ?? [];
  if (advertised.length === 0 || advertised.includes(method)) return false;
  if (look(profile.methods, method) !== false && profile.methods !== NOT_MEASURED) return false;
  const needed = profile.unknownMethodNeeds;
  return missing === (needed === NOT_MEASURED ? "operator.admin" : needed);
}

/** What to call instead of a method that the Gateway does not have. */
export function adviseMethod({ handshake: { hello } }: Connection, method: string): string {
  const advertised = hello?.methods ?? [];
  const asked = method.slice(0, MAX_CHARACTERS);
  const nearest = advertised.length === 0 ? null : closest(asked, advertised);
  const isNear = nearest !== null && distance(nearest, asked) <= Math.max(2, asked.length / 5);
  return isNear
    ? `Call a method that this Gateway has; the nearest that it lists is ${nearest}.`
    : "Call a method that this Gateway has: hello-ok lists them in features.methods.";
}

/** Calls of methods that the Gateway says it does not have. */
export function diagnoseUnknownMethods(connection: Connection): readonly FindingDraft[] {
  if (connection.outcome !== "accepted") return [];
  return groupByMethod(connection, isToldUnknown).map(([first, ...more]) => ({
    code: "unknown-method",
    rpc: first.id,
    title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
    why: `This Gateway has no method ${first.method}: another version may, or the name is misspelt.`,
    fix: adviseMethod(connection, first.method),
    evidence: entriesOf([first, ...more]),
  }));
}
