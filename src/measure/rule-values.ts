import { isJsonObject, ownField } from "../gateway/json-object.ts";
import { NOT_MEASURED, OTHERS } from "../gateway/measured.ts";
import { RULE_NAMES, type Profile, type RuleName } from "../gateway/profile.ts";

/** One value of a profile: a rule, or what its table has under a name (then `false` stands for nothing). */
export interface Flip {
  readonly rule: RuleName;
  readonly key: string | null;
  readonly value: unknown;
}

/** Rules that are tables of names, in every version. */
const TABLES: ReadonlySet<RuleName> = new Set(["methods", "hiddenMethods", "openMethods", "paramRules", "ownedMethods", "halfOpenMethods", "narrowScopes", "events", "implies", "keepsScopesWithoutDevice", "clientIds", "clientModes", "operatorUis", "browserUis", "olderProtocolFor", "needsNoAuth", "skipsPairingWhenNew", "skipsPairingWhenPaired", "refreshesMetadata", "refusals", "hints"]); // prettier-ignore

export function isTable(rule: RuleName): boolean {
  return TABLES.has(rule);
}

/** The names of a rule's table, or null alone where it is none. */
export function keysOf(profile: Profile, rule: RuleName): readonly (string | null)[] {
  const value = profile[rule];
  if (!isTable(rule)) return [null];
  return isJsonObject(value) ? Object.keys(value).filter((key) => key !== OTHERS) : [];
}

/** What a profile has there; false for a name that its table does not have. */
export function valueAt(profile: Profile, rule: RuleName, key: string | null): unknown {
  const value: unknown = profile[rule];
  if (key === null) return value;
  return isJsonObject(value) ? (ownField(value, key) ?? false) : NOT_MEASURED;
}

/** The profile with another value there. */
export function withFlips(profile: Profile, flips: readonly Flip[]): Profile {
  const rules: Record<string, unknown> = { ...profile };
  for (const { rule, key, value } of flips) {
    if (key === null) rules[rule] = value;
    else {
      const table = rules[rule];
      const others = Object.entries(isJsonObject(table) ? table : {}).filter(([name]) => name !== key); // prettier-ignore
      rules[rule] = Object.fromEntries(value === false ? others : [...others, [key, value]]);
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each flip has a value of its rule's own kind
  return rules as Profile;
}

/** The profile with every table as one, of what is known: the fit flips names in and out of it. */
export function withTables(profile: Profile): Profile {
  const tables = RULE_NAMES.filter(isTable).map((rule) => {
    const table: unknown = profile[rule];
    const known = isJsonObject(table) ? Object.entries(table).filter(([key]) => key !== OTHERS) : [];
    return { rule, key: null, value: Object.fromEntries(known) };
  }); // prettier-ignore
  return withFlips(profile, tables);
}

/** Stands for all names of a table, where somebody went through it. */
export const EVERY = Symbol("every name");

/** The profile, telling `note` of every value that is looked at. */
export function watched(profile: Profile, note: (rule: RuleName, key: string | typeof EVERY | null) => void): Profile {
  return new Proxy(profile, {
    get(target, name) {
      const rule = RULE_NAMES.find((one) => one === name);
      const value: unknown = Reflect.get(target, name);
      if (rule === undefined) return value;
      if (!isTable(rule) || !isJsonObject(value)) {
        note(rule, null);
        return value;
      }
      return new Proxy(value, {
        getOwnPropertyDescriptor(table, key) {
          if (typeof key === "string" && key !== OTHERS) note(rule, key);
          return Reflect.getOwnPropertyDescriptor(table, key);
        },
        ownKeys(table) {
          note(rule, EVERY);
          return Reflect.ownKeys(table);
        },
      });
    },
  });
} // prettier-ignore
