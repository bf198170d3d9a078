import {
  measuredProfile,
  measuredVersions,
  compareVersions,
  isVersion,
} from "./measured-profiles.ts";
import { look, NOT_MEASURED, OTHERS } from "./measured.ts";
import { isJsonObject, ownField, type JsonObject } from "./json-object.ts";
import {
  RULE_NAMES,
  SOME_SCOPE,
  titleOf,
  type ParamRule,
  type Profile,
  type RuleName,
} from "./profile.ts";
import { wordRule } from "./rule-words.ts";

/** The rules that count for one Gateway, and where they are from. */
export interface Rules {
  /** What the Gateway calls itself; null when nobody knows. */
  readonly version: string | null;
  /** What is known of it; "not measured" stands for the rest. */
  readonly profile: Profile;
  /** The versions whose common rules these are: the version alone where it was measured itself. Empty when none are applied. */
  readonly sharedBy: readonly string[];
  /** What a recording shows that is more or other than that. */
  readonly amendments: readonly Amendment[];
  /** Rules that the recording contradicts and that are not applied to it, in words. */
  readonly contradicted: readonly string[];
}

/** What a recording shows of one rule. */
export interface Amendment {
  readonly rule: RuleName;
  /** The name in the rule's table; null for a rule that has none. */
  readonly key: string | null;
  /** What counts instead; "not measured" where the recording only shows that the rule does not hold. */
  readonly value: unknown;
  /** What shows it, in words. */
  readonly shown: string;
}

const NOTHING_SHOWN = { amendments: [], contradicted: [] } as const;

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
  if (own === undefined) return { version, profile: shared, sharedBy, ...NOTHING_SHOWN };
  return { version, profile: fill(own, shared), sharedBy: [own.version], ...NOTHING_SHOWN };
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
    const values = profiles.map((profile) => profile[name]);
    return [name, common(name === "implies" ? withAllRows(values) : values, differ)];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every rule is there, with a value of its own kind or "not measured"
  return { version, sources: {}, ...Object.fromEntries(rules) } as Profile;
}

// A scope that one version does not name stands for nothing there.
function withAllRows(tables: readonly unknown[]): readonly unknown[] {
  const rows = new Set(tables.flatMap((table) => (isJsonObject(table) ? Object.keys(table) : [])));
  return tables.map((table) =>
    isJsonObject(table)
      ? Object.fromEntries([...rows].map((row) => [row, look<unknown>(table, row) || {}]))
      : table,
  );
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
          values.map((table) => entryOf(table, name)),
          differ,
        );
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }
  const lists = values.map((value) => value ?? []);
  if (lists.every(isRuleList) && lists.some(({ length }) => length > 0)) return commonRules(lists);
  const text = JSON.stringify(first);
  return values.every((value) => JSON.stringify(value) === text) ? first : differ(values);
}

/** What an object has under a name: undefined for nothing, while a detail of a refusal may well be `false`. */
function entryOf(object: JsonObject, name: string): unknown {
  return ownField(object, name) ?? ownField(object, OTHERS);
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
export function fill(profile: Profile, other: Profile): Profile {
  const rules = RULE_NAMES.map((name) => [name, filled(profile[name], other[name])]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every rule is there, with a value of its own kind or "not measured"
  return { ...profile, ...Object.fromEntries(rules) } as Profile;
}

function filled(value: unknown, other: unknown): unknown {
  if (value === NOT_MEASURED) return other;
  if (!isJsonObject(value) || !isJsonObject(other)) return value;
  const names = new Set([
    ...Object.keys(value),
    ...(Object.hasOwn(value, OTHERS) ? Object.keys(other) : []),
  ]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const inner = filled(entryOf(value, name), entryOf(other, name));
      return inner === undefined ? [] : [[name, inner]];
    }),
  );
}

/** The rules, with what a recording shows in the place of what was measured elsewhere. */
export function amendRules(rules: Rules, amendments: readonly Amendment[]): Rules {
  if (amendments.length === 0) return rules;
  const profile: Record<string, unknown> = { ...rules.profile };
  const seen = new Map<string, unknown>();
  const contradicted = new Map<string, string>();
  for (const amendment of amendments) {
    const { rule, key, value } = amendment;
    const name = `${rule} ${key}`;
    const before = key === null ? rules.profile[rule] : valueIn(rules.profile[rule], key);
    if (isMeasured(before) && !contradicted.has(name)) {
      contradicted.set(name, describeContradiction(rules, amendment, before));
    }
    // Where one connection shows this and another one that, nothing is known.
    const isAgreed = !seen.has(name) || JSON.stringify(seen.get(name)) === JSON.stringify(value);
    const shown = isAgreed ? value : NOT_MEASURED;
    seen.set(name, shown);
    profile[rule] = key === null ? shown : withEntry(profile[rule], key, shown);
  }
  return {
    ...rules,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each rule has a value of its own kind, or "not measured"
    profile: profile as Profile,
    amendments,
    contradicted: [...contradicted.values()],
  };
}

// Of a refusal some parts may be measured and others not.
function isMeasured(value: unknown): boolean {
  return value !== SOME_SCOPE && !JSON.stringify(value).includes(JSON.stringify(NOT_MEASURED));
}

function valueIn(table: unknown, key: string): unknown {
  return isJsonObject(table) ? look<unknown>(table, key) : NOT_MEASURED;
}

function withEntry(table: unknown, key: string, value: unknown): unknown {
  const entries = isJsonObject(table) ? Object.entries(table) : [[OTHERS, NOT_MEASURED] as const];
  return Object.fromEntries([...entries, [key, value]]);
}

function describeContradiction(
  { sharedBy }: Rules,
  { rule, key, shown }: Amendment,
  before: unknown,
): string {
  const about = key === null ? titleOf(rule) : `${titleOf(rule)}: ${key}`;
  return `${shown}; that contradicts what was measured on OpenClaw ${listWords(sharedBy)} (${about}: ${wordRule(before)}), which is not applied`;
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

/** Where an answer by these rules is from. */
export function nameRules({ version, sharedBy }: Rules): string {
  const own = sharedBy.length === 0 ? [version ?? "unknown"] : sharedBy;
  return `rules of OpenClaw ${listWords(own)}`;
}

/** What is to be said once where rules are applied: whose they are, and which of them the recording contradicts. */
export function tellRules(rules: Rules): readonly string[] {
  const note = describeRules(rules);
  return [...(note === null ? [] : [note]), ...rules.contradicted];
}

/**
 * On which of the measured versions a rule is so, and on which it is not, as far as that was measured: "OpenClaw 2026.5.4 and 2026.6.11,
 * not 2026.9.6".
 */
export function describeVersions<N extends RuleName>(rule: N, is: Profile[N]): string {
  const measured = measuredVersions()
    .map((version) => rulesFor(version).profile)
    .filter((profile) => profile[rule] !== NOT_MEASURED);
  const yes = measured.filter((profile) => profile[rule] === is).map(versionOf);
  const no = measured.filter((profile) => profile[rule] !== is).map(versionOf);
  const who = yes.length > 0 ? `OpenClaw ${listWords(yes)}` : "none of the measured versions";
  return no.length > 0 && yes.length > 0 ? `${who}, not ${listWords(no)}` : who;
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
