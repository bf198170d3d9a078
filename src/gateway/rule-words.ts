import { NOT_MEASURED } from "./measured.ts";
import { codeOf } from "./refusal.ts";
import { isJsonObject } from "./json-object.ts";
import {
  titleOf,
  type ParamRule,
  type Profile,
  type RefusalRule,
  type RuleName,
} from "./profile.ts";

/** Rules whose entries are told one by one. */
const ONE_BY_ONE: readonly RuleName[] = ["paramRules", "refusals", "hints"];

/** A profile's rules as texts, by what each is about. */
export function wordRules(profile: Profile, names: readonly RuleName[]): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name): (readonly [string, string])[] => {
      const rule: unknown = profile[name];
      const title = titleOf(name);
      if (!ONE_BY_ONE.includes(name) || !isJsonObject(rule)) return [[title, wordRule(rule)]];
      return Object.entries(rule).map(([key, value]) => [`${title}: ${key}`, wordRule(value)]);
    }),
  );
} // prettier-ignore

/** A rule's value as text. */
export function wordRule(value: unknown): string {
  if (value === null || value === false) return "none";
  if (value === true) return "yes";
  if (Array.isArray(value)) return value.map(wordParamRule).join("; ");
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (!isJsonObject(value)) return "";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else in a profile has a message
  if ("message" in value) return wordRefusal(value as RefusalRule);
  const names = Object.entries(value).map(([name, inner]) => {
    if (inner === true) return name;
    return isJsonObject(inner) ? `${name} stands for ${wordRule(inner)}` : `${name} (${String(inner)})`;
  });
  return names.toSorted().join(isTableOfTables(value) ? "; " : ", ") || "none";
} // prettier-ignore

function isTableOfTables(value: Readonly<Record<string, unknown>>): boolean {
  return Object.values(value).some(isJsonObject);
}

function wordRefusal({ code, message, details }: RefusalRule): string {
  const rest = isJsonObject(details) ? Object.keys(details).toSorted().join(", ") : NOT_MEASURED;
  return details === undefined
    ? `${code}, no details: ${message}`
    : `${code}, details.code ${codeOf({ code, message, details }) ?? NOT_MEASURED}: ${message} (${rest})`;
}

function wordParamRule(rule: ParamRule): string {
  const tests = rule.when.map((test) => {
    const field = test.field === "" ? "the params" : test.field;
    if ("is" in test) return `${field} is ${JSON.stringify(test.is)}`;
    if ("matches" in test) return `${field} matches ${test.matches}`;
    if ("isPresent" in test) return `${field} is there`;
    if ("hasOnly" in test) return `${field} has only ${test.hasOnly.join(", ")}`;
    return test.hasOtherThan.length === 0 ? `there are any` : `${field} has other than ${test.hasOtherThan.join(", ")}`;
  });
  const { scopes } = rule;
  return `${scopes === NOT_MEASURED ? NOT_MEASURED : scopes.join(" and ")} where ${tests.join(" and ")}`;
} // prettier-ignore
