import { diffProfiles } from "./diff-profiles.ts";
import { ownField } from "./json-object.ts";
import { namesIn, NOT_MEASURED } from "./measured.ts";
import { RULE_NAMES, type Profile, type RuleName } from "./profile.ts";
import { wordRule } from "./rule-words.ts";

/** A measured version, and how much of it is other than in the measured version before; null for the first. */
export interface VersionSummary {
  readonly version: string;
  readonly protocol: number | string;
  readonly methods: number;
  readonly changes: null | {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly rules: number;
  };
}

/** What a rule is, or a method needs, from a version on until the next that is listed. */
export interface HistoryStep {
  readonly version: string;
  readonly value: string;
}

/** The versions, each beside the one before; `profiles` are in order. */
export function summarizeVersions(profiles: readonly Profile[]): readonly VersionSummary[] {
  return profiles.map((profile, index) => {
    const before = profiles[index - 1];
    const diff = before === undefined ? null : diffProfiles(before, profile);
    return {
      version: profile.version,
      protocol: profile.protocol,
      methods: namesIn(profile.methods).length,
      changes:
        diff === null
          ? null
          : {
              added: diff.added.length,
              removed: diff.removed.length,
              changed: diff.changed.length,
              rules: diff.rules.length + (diff.protocol === null ? 0 : 1),
            },
    };
  });
}

/** In which version a rule, or what a method needs, is another than before; null when no version has such a rule or method. */
export function historyOf(name: string, profiles: readonly Profile[]): readonly HistoryStep[] | null {
  const rule = RULE_NAMES.find((one) => one === name);
  const values = profiles.map((profile) => ({ version: profile.version, value: valueIn(profile, rule, name) }));
  if (rule === undefined && values.every(({ value }) => value === ABSENT)) return null;
  return values.filter(({ value }, index) => value !== values[index - 1]?.value);
} // prettier-ignore

const ABSENT = "no such method";

function valueIn(profile: Profile, rule: RuleName | undefined, name: string): string {
  if (rule !== undefined) return wordRule(profile[rule]);
  const { methods } = profile;
  return methods === NOT_MEASURED ? NOT_MEASURED : (ownField(methods, name) ?? ABSENT);
}
