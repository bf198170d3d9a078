import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "../gateway/json-object.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { look, namesIn, NOT_MEASURED } from "../gateway/measured.ts";
import { RULE_NAMES, type Profile, type RuleName } from "../gateway/profile.ts";
import { judge, namesOf, type Outcome } from "./foresee.ts";
import type { Observation } from "./meet.ts";
import { EVERY, isTable, keysOf, valueAt, watched, withFlips, withTables, type Flip } from "./rule-values.ts"; // prettier-ignore
import { adviceIn, wordsFor } from "./word-refusals.ts";

/** What the fit came to. */
export interface Fit {
  /** The rules that the cases prove; "not measured" for the rest. */
  readonly profile: Profile;
  /** For each rule, or each name of its table (`rule > name`), the first cases that prove it. */
  readonly proofs: ReadonlyMap<string, readonly string[]>;
  /** What no value of a rule explains. */
  readonly unexplained: readonly string[];
  /** How many answers were foreseen, of how many. */
  readonly foreseen: number;
  readonly seen: number;
}

const MAX_PROOFS = 3;
/** Whether a flip helps mostly shows in a few cases. */
const A_FEW = 24;
/** Rules by which an answer is not known. */
const HALF_WAY: ReadonlySet<RuleName> = new Set([
  "ownedMethods",
  "halfOpenMethods",
  "narrowScopes",
]);
/** What another way of asking finds out: see `limits.ts` and the probe. */
const NOT_FITTED: ReadonlySet<RuleName> = new Set(["methods", "hiddenMethods", "events"]);

const METHOD_TABLES: ReadonlySet<RuleName> = new Set([
  "openMethods",
  "paramRules",
  "ownedMethods",
  "halfOpenMethods",
]);
const WORTH: Readonly<Record<Outcome, number>> = { foreseen: 1, unknown: 0, unheard: 0, wrong: -1 };

type Place = Omit<Flip, "value">;
interface Best {
  readonly flips: readonly Flip[];
  readonly gain: number;
}

/** What is tried together with a flip, given the cases that it may help. */
type Extend = (flip: Flip, cases: readonly number[]) => readonly (readonly Flip[])[];

/**
 * Finds the rules by which the product's own decisions foresee all that was seen. Starts from those of a like version, and flips one value
 * after the other: that which makes the most answers foreseen, and none wrong.
 */
export function fitRules(start: Profile, observations: readonly Observation[]): Fit {
  const tables = withTables(start);
  // Of methods that this version does not have there is nothing to say.
  const gone = [...METHOD_TABLES].flatMap((rule) =>
    keysOf(tables, rule)
      .filter((key) => key !== null && look(tables.methods, key) === false)
      .map((key) => ({ rule, key, value: false })),
  );
  const state = new Fitting(withFlips(tables, gone), observations);
  while (state.improve()) continue;
  return state.conclude();
}

class Fitting {
  #profile: Profile;
  readonly #observations: readonly Observation[];
  readonly #outcomes: (readonly Outcome[])[] = [];
  /** Which cases look at which values. */
  readonly #reads = new Map<string, { readonly place: Place; readonly cases: Set<number> }>();

  constructor(profile: Profile, observations: readonly Observation[]) {
    this.#profile = profile;
    this.#observations = observations;
    this.#judgeAgain(observations.map((_, index) => index));
  }

  /**
   * Flips the value with the best gain, or where none helps, one together with the words of a refusal; or one by which what is wrong is at least
   * not known. False when nothing is left.
   */
  improve(): boolean {
    const alone: Extend = (flip) => [[flip]];
    const withWords: Extend = (flip, cases) => this.#withWords(flip, cases);
    let best = this.#best(alone, { most: A_FEW }) ?? this.#best(alone);
    if (best?.flips[0]?.rule === "refusals") {
      // Where a rule explains as much as other words for another cause would, it is the rule.
      const rule = this.#best((flip, cases) => (flip.key === null ? withWords(flip, cases) : []), { most: A_FEW });
      if (rule !== null && rule.gain >= best.gain) best = rule;
    }
    best ??= this.#best(withWords) ?? this.#best(alone, { hides: true });
    if (best === null) return false;
    this.#profile = withFlips(this.#profile, best.flips);
    this.#judgeAgain(this.#casesOf(best.flips));
    return true;
  } // prettier-ignore

  #best(extend: Extend, { most = Infinity, hides = false } = {}): Best | null {
    const bad = new Set(this.#outcomes.flatMap((all, index) => (all.every((one) => one === "foreseen") ? [] : [index]))); // prettier-ignore
    let best: Best | null = null;
    for (const { place, cases } of this.#reads.values()) {
      const hopeful = sample([...cases].filter((index) => bad.has(index)), most); // prettier-ignore
      if (hopeful.length === 0 || NOT_FITTED.has(place.rule)) continue;
      const now = valueAt(this.#profile, place.rule, place.key);
      for (const value of this.#candidates(place, hopeful)) {
        if (isDeepStrictEqual(value, now)) continue;
        for (const flips of extend({ ...place, value }, hopeful)) {
          const gain = this.#gain(flips, hopeful, hides);
          if (gain <= (best?.gain ?? 0)) continue;
          if (this.#gain(flips, this.#casesOf(flips), hides) > 0) best = { flips, gain };
        }
      }
    }
    return best;
  }

  #casesOf(flips: readonly Flip[]): readonly number[] {
    return [...new Set(flips.flatMap((flip) => [...(this.#reads.get(nameOf(flip))?.cases ?? [])]))];
  }

  /** The flip together with the words of each refusal that it leads to: they cannot be known before. */
  #withWords(flip: Flip, cases: readonly number[]): readonly (readonly Flip[])[] {
    if (flip.rule === "refusals" || flip.rule === "hints") return [];
    const profile = withFlips(this.#profile, [flip]);
    const causes = new Set<string>();
    const watch = watched(profile, (rule, key) => {
      if (rule === "refusals" && typeof key === "string") causes.add(key);
    });
    const observations = cases.flatMap((index) => this.#observations[index] ?? []);
    for (const observation of observations) judge(watch, observation);
    return [...causes].flatMap((key) =>
      wordsFor(key, profile, observations).map((value) => [flip, { rule: "refusals", key, value } as const]),
    );
  } // prettier-ignore

  /** Keeps what is proven: a value for which each other one would foresee less. */
  conclude(): Fit {
    const proofs = new Map<string, readonly string[]>();
    const flips = this.#places().map((place): Flip => {
      const name = nameOf(place);
      const cases = [...(this.#reads.get(name)?.cases ?? [])].toSorted((a, b) => a - b);
      const [value, proof] = place.rule === "implies" ? this.#proveRow(place, cases) : this.#prove(place, cases);
      if (proof.length > 0 && (value !== false || place.key === null)) proofs.set(name, proof.slice(0, MAX_PROOFS));
      return { ...place, value };
    });
    const names = this.#observations.map(namesOf);
    const all = this.#outcomes.flat();
    return {
      profile: withFlips(this.#profile, flips),
      proofs: new Map([...proofs].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      unexplained: this.#outcomes.flatMap((outcomes, index) =>
        outcomes.flatMap((outcome, at) => (outcome === "wrong" ? [names[index]?.[at] ?? ""] : [])),
      ),
      foreseen: all.filter((one) => one === "foreseen").length,
      seen: all.length,
    };
  } // prettier-ignore

  /** What a case looks at, and what any version has that no case looks at: what it is here, was not measured then. */
  #places(): readonly Place[] {
    const known = RULE_NAMES.filter((rule) => !NOT_FITTED.has(rule)).flatMap((rule) =>
      [...measuredProfiles(), this.#profile].flatMap((profile) =>
        keysOf(profile, rule).map((key) => ({ rule, key })),
      ),
    );
    const read = [...this.#reads.values()].map(({ place }) => place).filter(({ rule }) => !NOT_FITTED.has(rule)); // prettier-ignore
    const all = new Map([...read, ...known].map((place) => [nameOf(place), place]));
    const isKnown = new Set(known.map(nameOf));
    return [...all.values()].filter((place) => {
      if (place.key === null || !METHOD_TABLES.has(place.rule)) return true;
      return isKnown.has(nameOf(place)) && look(this.#profile.methods, place.key) !== false;
    });
  }

  /** The value, and the cases that refute each other one; "not measured" where one is not refuted. */
  #prove(place: Place, cases: readonly number[]): readonly [value: unknown, proof: readonly string[]] {
    const value = valueAt(this.#profile, place.rule, place.key);
    const isWords = place.rule === "refusals" || place.rule === "hints";
    if (isWords && value === false && cases.length > 0) return [false, []];
    const others = isWords ? [] : this.#candidates(place, cases).filter((other) => !isDeepStrictEqual(other, value));
    if (others.some((other) => this.#isWanted({ ...place, value: other }, cases))) return [NOT_MEASURED, []];
    const proofs = (others.length === 0 ? [NOT_MEASURED] : others).map((other) => this.#refuting({ ...place, value: other }, cases));
    return proofs.every(({ length }) => length > 0)
      ? [value, [...new Set(proofs.flat())]]
      : [NOT_MEASURED, []];
  } // prettier-ignore

  /** Whether cases that nothing explains want this other value, and not many more refute it: then there is more to the rule than it can say. */
  #isWanted(flip: Flip, cases: readonly number[]): boolean {
    const wrong = cases.filter((index) => this.#outcomes[index]?.includes("wrong"));
    if (wrong.length === 0) return false;
    // With other words in addition one client would explain anything.
    const all = [[flip], ...(flip.key === null ? this.#withWords(flip, wrong) : [])];
    return all.some((flips) => {
      const wins = this.#count(flips, wrong, (was, now) => was === "wrong" && now === "foreseen");
      return wins > 0 && this.#count(flips, cases, (was, now) => was === "foreseen" && now !== was) <= 2 * wins;
    });
  } // prettier-ignore

  /** In how many cases some answer changes like that. */
  #count(flips: readonly Flip[], cases: readonly number[], counts: (was: Outcome, now: Outcome) => boolean): number {
    const profile = withFlips(this.#profile, flips);
    return cases.filter((index) => {
      const observation = this.#observations[index];
      const before = this.#outcomes[index] ?? [];
      return observation !== undefined && judge(profile, observation).some((now, at) => counts(before[at] ?? "unknown", now));
    }).length;
  } // prettier-ignore

  /** What a scope stands for, and does not, each with the cases that prove it. */
  #proveRow(
    place: Place,
    cases: readonly number[],
  ): readonly [value: unknown, proof: readonly string[]] {
    const [now, ...others] = this.#rows(place.key);
    if (cases.length === 0) return [NOT_MEASURED, []];
    const row = new Map<string, unknown>(Object.entries(Object(now?.[1] || {})));
    const proofs = others.map(([name, other]) => {
      const refuting = this.#refuting({ ...place, value: other }, cases);
      if (refuting.length === 0) row.set(name, NOT_MEASURED);
      return refuting;
    });
    return [row.size === 0 ? false : Object.fromEntries(row), proofs.flat()];
  }

  #refuting(flip: Flip, cases: readonly number[]): readonly string[] {
    const profile = withFlips(this.#profile, [flip]);
    const names: string[] = [];
    for (const index of cases) {
      const observation = this.#observations[index];
      if (observation === undefined) continue;
      const before = this.#outcomes[index] ?? [];
      const at = judge(profile, observation).findIndex((one, item) => WORTH[one] < WORTH[before[item] ?? "unknown"]); // prettier-ignore
      if (at !== -1) names.push(namesOf(observation)[at] ?? "");
      if (names.length === MAX_PROOFS) break;
    }
    return names;
  }

  /** How many more answers are foreseen, or with `hides` no longer wrong; no gain at all where one is wrong that was not. */
  #gain(flips: readonly Flip[], cases: readonly number[], hides: boolean): number {
    const profile = withFlips(this.#profile, flips);
    // That a scope opens some methods half-way counts for all that nobody called, so what it hides is no loss.
    const isHalfWay = flips.some(({ rule }) => HALF_WAY.has(rule));
    let gain = 0;
    for (const index of cases) {
      const observation = this.#observations[index];
      if (observation === undefined) continue;
      const before = this.#outcomes[index] ?? [];
      for (const [at, now] of judge(profile, observation).entries()) {
        const was = before[at];
        if (now === was) continue;
        if (now === "wrong" && (was === "foreseen" || isHalfWay)) return 0;
        if (hides && was === "foreseen" && !isHalfWay) return 0;
        if (hides) gain += was === "wrong" ? 1 : 0;
        else gain += WORTH[now] - (was === "foreseen" ? 1 : 0);
      }
    }
    return gain;
  }

  #judgeAgain(cases: readonly number[]): void {
    for (const index of cases) {
      const observation = this.#observations[index];
      if (observation === undefined) continue;
      for (const { cases: readers } of this.#reads.values()) readers.delete(index);
      const profile = watched(this.#profile, (rule, key) => this.#note(rule, key, index));
      this.#outcomes[index] = judge(profile, observation);
    }
  }

  #note(rule: RuleName, key: string | typeof EVERY | null, index: number): void {
    // Who goes through the scopes that stand for others depends on those that were held.
    const keys = key === EVERY ? (rule === "implies" ? this.#scopesOf(index) : []) : [key];
    for (const one of keys) {
      const place = { rule, key: one };
      const name = nameOf(place);
      const read = this.#reads.get(name);
      if (read === undefined) this.#reads.set(name, { place, cases: new Set([index]) });
      else read.cases.add(index);
    }
  }

  #scopesOf(index: number): readonly string[] {
    const meetings = this.#observations[index]?.case.meetings ?? [];
    const asked = meetings.flatMap(({ scopes }) => scopes ?? []);
    return [...new Set(asked)].filter((scope) => scope !== "operator.admin");
  }

  /** The values that a rule may have: those of measured versions, and such as were seen. */
  #candidates({ rule, key }: Place, cases: readonly number[]): readonly unknown[] {
    const measured = measuredProfiles()
      .map((profile) => valueAt(profile, rule, key))
      .filter((value) => value !== NOT_MEASURED);
    const observations = cases.flatMap((index) => this.#observations[index] ?? []);
    if (rule === "refusals") {
      // Without the words for such clients those for all count; without these, what is answered would only be no longer known.
      return [
        ...(key?.includes("/") ? [false] : []),
        ...wordsFor(key ?? "", this.#profile, observations),
      ];
    }
    if (rule === "hints") return [false, ...new Set(observations.flatMap(advicesOf))];
    if (rule === "protocol") return [...new Set(observations.flatMap(protocolsOf))];
    if (rule === "halfOpenMethods" && measured.some(Boolean)) return [...this.#impliedScopes(), false]; // prettier-ignore
    if (rule === "implies") return this.#rows(key).map(([, row]) => row);
    const others = isYesOrNo(rule) ? [true, false] : isTable(rule) ? [false] : [];
    return [...measured, ...others].filter(isFirst);
  }

  /** What a scope may stand for: what it does now, then with each other scope more or less. */
  #rows(scope: string | null): readonly (readonly [name: string, row: unknown])[] {
    const row = valueAt(this.#profile, "implies", scope);
    const now = isJsonObject(row) ? row : {};
    const rows = this.#impliedScopes().filter((other) => other !== scope).map((other) => {
      const { [other]: had, ...rest } = now;
      return [other, had === undefined ? { ...now, [other]: true } : rest] as const;
    });
    return [["", now] as const, ...rows].map(([name, one]) => [name, Object.keys(one).length === 0 ? false : one]);
  } // prettier-ignore

  /** The scopes that another may stand for: those that methods need, and those that one stands for in any version. */
  #impliedScopes(): readonly string[] {
    const needs = Object.values(Object(this.#profile.methods)).map(String);
    const implied = measuredProfiles().flatMap(({ implies }) =>
      namesIn(implies).flatMap((scope) => namesIn(look(implies, scope) || {})),
    );
    const all = [...new Set([...needs, ...implied])].toSorted();
    return all.filter((need) => need.startsWith("operator.") && need !== "operator.admin");
  }
}

function nameOf({ rule, key }: Place): string {
  return key === null ? rule : `${rule} > ${key}`;
}

/** At most so many of a list, from all over it. */
function sample(list: readonly number[], most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(list.length / most));
  return list.filter((_, index) => index % step === 0);
}

/** True for a rule that is yes or no, and for a table of names that belong there or not. */
function isYesOrNo(rule: RuleName): boolean {
  return measuredProfiles().some((profile) =>
    keysOf(profile, rule).some((key) => valueAt(profile, rule, key) === true),
  );
}

function isFirst(value: unknown, index: number, all: readonly unknown[]): boolean {
  return all.findIndex((other) => isDeepStrictEqual(other, value)) === index;
}

function advicesOf({ seen }: Observation): readonly string[] {
  return seen.flatMap((one) => (one?.handshake.kind === "refused" ? [adviceIn(one.handshake.error)] : []));
} // prettier-ignore

function protocolsOf({ seen }: Observation): readonly number[] {
  return seen.flatMap((one) => (one?.handshake.kind === "hello" ? (one.handshake.protocol ?? []) : [])); // prettier-ignore
}
