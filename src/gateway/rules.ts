import { measuredProfile, measuredVersions } from "./measured-profiles.ts";
import { NOT_MEASURED, type Measured } from "./measured.ts";
import { isJsonObject, ownField } from "./json-object.ts";
import { RULE_NAMES, SOME_SCOPE, type ParamRule, type Profile } from "./profile.ts";
import { compareVersions, isVersion } from "./version-order.ts";

/** The rules that count for one Gateway, and where they are from. */
export interface Rules {
  /** What the Gateway calls itself; null when nobody knows. */
  readonly version: string | null;
  /** What is known of it; "not measured" stands for the rest. */
  readonly profile: Profile;
  /** The versions whose common rules these are: the version alone where it was measured itself. Empty when none are applied. */
  readonly sharedBy: readonly string[];
}

const known = new Map<string | null, Rules>();

/**
 * The rules for a version: those that were measured on it; for one between two measured versions what both share; for an unknown one
 * what all share; before the first and after the last, none. What `given` profiles say counts before that.
 */
export function rulesFor(version: string | null, given: readonly Profile[] = []): Rules {
  if (given.length > 0) return findRules(version, given);
  const rules = known.get(version) ?? findRules(version, []);
  // The version is whatever a Gateway says, so the memory of them is bounded.
  if (known.size < 100) known.set(version, rules);
  return rules;
}

function findRules(version: string | null, given: readonly Profile[]): Rules {
  const own = given.findLast((profile) => profile.version === version);
  const others = given.filter((profile) => profile !== own);
  const sharedBy = neighbours(version, [...measuredVersions(), ...others.map(versionOf)]);
  const profiles = sharedBy
    .map((name) => others.findLast((profile) => profile.version === name) ?? measuredProfile(name))
    .filter((profile) => profile !== null);
  const shared = agreeing(version ?? "unknown", profiles);
  if (own === undefined) return { version, profile: shared, sharedBy };
  return { version, profile: fill(own, shared), sharedBy: [own.version] };
}

function versionOf({ version }: Profile): string {
  return version;
}

/** The versions that have to agree for a rule to count: the version itself, the two around it, or all for an unknown one. */
function neighbours(version: string | null, measured: readonly string[]): readonly string[] {
  if (version === null || !isVersion(version)) return measured;
  if (measured.includes(version)) return [version];
  const inOrder = measured.filter(isVersion).toSorted(compareVersions);
  const after = inOrder.find((other) => compareVersions(other, version) > 0);
  const before = inOrder.findLast((other) => compareVersions(other, version) < 0);
  return before === undefined || after === undefined ? [] : [before, after];
}

/** What all of these profiles say; "not measured" where they differ. Of none, nothing. */
export function agreeing(version: string, profiles: readonly Profile[]): Profile {
  const [first] = profiles;
  if (first !== undefined && profiles.length === 1) return { ...first, version };
  const rules = RULE_NAMES.map((name) => {
    if (profiles.length === 0) return [name, NOT_MEASURED];
    const differ = name === "methods" ? commonNeed : NOTHING_IN_COMMON;
    return [
      name,
      common(
        profiles.map((profile) => profile[name]),
        differ,
      ),
    ];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every rule is there, with a value of its own kind or "not measured"
  return { version, sources: {}, ...Object.fromEntries(rules) } as Profile;
}

type Differ = (values: readonly unknown[]) => string;

const NOTHING_IN_COMMON: Differ = () => NOT_MEASURED;

// An admin may call what needs a scope, whichever it is.
const commonNeed: Differ = (values) =>
  values.every((need) => typeof need === "string" && need.startsWith("operator."))
    ? SOME_SCOPE
    : NOT_MEASURED;

function common(values: readonly unknown[], differ: Differ): unknown {
  const [first] = values;
  if (values.every(isJsonObject)) {
    const names = new Set(values.flatMap(Object.keys));
    return Object.fromEntries(
      [...names].flatMap((name) => {
        const value = common(
          values.map((table) => ownField(table, name) ?? false),
          differ,
        );
        return value === false ? [] : [[name, value]];
      }),
    );
  }
  const lists = values.map((value) => (value === false ? [] : value));
  if (lists.every(isRuleList) && lists.some(({ length }) => length > 0)) return commonRules(lists);
  const text = JSON.stringify(first);
  return values.every((value) => JSON.stringify(value) === text) ? first : differ(values);
}

/** Rules on which not all agree come first, as not measured: where one of them holds, it is not known what the others would lead to. */
function commonRules(lists: readonly (readonly ParamRule[])[]): readonly ParamRule[] {
  const [first = []] = lists;
  if (lists.every((list) => JSON.stringify(list) === JSON.stringify(first))) return first;
  const conditions = new Map(lists.flat().map(({ when }) => [JSON.stringify(when), when]));
  const rules = [...conditions].map(([text, when]): ParamRule => {
    const scopes = lists.map((list) => list.find((rule) => JSON.stringify(rule.when) === text)?.scopes); // prettier-ignore
    const [one] = scopes;
    const agreed = scopes.every((other) => JSON.stringify(other) === JSON.stringify(one));
    return { when, scopes: agreed && one !== undefined ? one : NOT_MEASURED };
  });
  return rules.toSorted((a, b) => Number(a.scopes !== NOT_MEASURED) - Number(b.scopes !== NOT_MEASURED)); // prettier-ignore
}

function isRuleList(value: unknown): value is readonly ParamRule[] {
  return Array.isArray(value) && value.every((rule) => isJsonObject(rule) && "when" in rule);
}

/** A profile, with the rules that it leaves open taken from another one. */
function fill(profile: Profile, other: Profile): Profile {
  const rules = RULE_NAMES.map((name) => [name, filled(profile[name], other[name])]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every rule is there, with a value of its own kind or "not measured"
  return { ...profile, ...Object.fromEntries(rules) } as Profile;
}

function filled(value: unknown, other: unknown): unknown {
  if (value === NOT_MEASURED) return other;
  if (!isJsonObject(value) || !isJsonObject(other)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      filled(inner, ownField(other, name) ?? NOT_MEASURED),
    ]),
  );
}

/** Says once that rules of other versions are applied; null where the version was measured itself. */
export function describeRules({ version, sharedBy }: Rules): string | null {
  if (sharedBy.length === 1 && sharedBy[0] === version) return null;
  const who = version === null ? "The Gateway's version is not known" : `OpenClaw ${version} has not been measured`; // prettier-ignore
  if (sharedBy.length === 0) {
    return `${who}, nor a version on both sides of it; no rules but what the recording shows`;
  }
  return version === null
    ? `${who}; rules that all measured versions share`
    : `${who}; rules that ${listWords(sharedBy)} share`;
}

/** Which of the measured versions do a thing, and which do not, as far as that was measured: "OpenClaw 2026.5.4 and 2026.6.11, not 2026.9.6". */
export function describeVersions(does: (profile: Profile) => Measured<boolean>): string {
  const measured = measuredVersions().map((version) => rulesFor(version).profile);
  const [yes, no] = [true, false].map((answer) =>
    measured.filter((profile) => does(profile) === answer).map(versionOf),
  );
  const who = yes?.length ? `OpenClaw ${listWords(yes)}` : "none of the measured versions";
  return no?.length && yes?.length ? `${who}, not ${listWords(no)}` : who;
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
