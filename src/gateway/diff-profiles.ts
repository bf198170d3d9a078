import { namesIn, NOT_MEASURED } from "./measured.ts";
import { RULE_NAMES, type Profile, type RuleName } from "./profile.ts";
import { wordRules } from "./rule-words.ts";

/** A method and what it needs: a scope, `role node`, or `no scope`. */
export interface MethodNeed {
  readonly method: string;
  readonly needs: string;
}

/** A value that is another in the newer version; both as text. */
export interface Change {
  readonly from: string;
  readonly to: string;
}

/** What going from one Gateway version to another changes for a client. */
export interface ProfileDiff {
  readonly from: string;
  readonly to: string;
  readonly protocol: Change | null;
  readonly added: readonly MethodNeed[];
  readonly removed: readonly MethodNeed[];
  /** Methods that both have and that need something else. */
  readonly changed: readonly (Change & { readonly method: string })[];
  readonly addedEvents: readonly string[];
  readonly removedEvents: readonly string[];
  /** Rules about scopes and errors that differ, each named in plain words. */
  readonly rules: readonly (Change & { readonly rule: string })[];
}

/** These are told method by method and event by event. */
const APART: readonly RuleName[] = ["protocol", "methods", "hiddenMethods", "events"];
const RULES = RULE_NAMES.filter((name) => !APART.includes(name));

/** Compares two profiles, from the older to the newer one. Lists are in alphabetical order. */
export function diffProfiles(from: Profile, to: Profile): ProfileDiff {
  const [before, after] = [needsByMethod(from), needsByMethod(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const needsIn = (
    own: ReadonlyMap<string, string>,
    other: ReadonlyMap<string, string>,
  ): readonly MethodNeed[] =>
    names.flatMap((method) => {
      const needs = other.has(method) ? undefined : own.get(method);
      return needs === undefined ? [] : [{ method, needs }];
    });
  return {
    from: from.version,
    to: to.version,
    protocol: changeOf(String(from.protocol), String(to.protocol)),
    added: needsIn(after, before),
    removed: needsIn(before, after),
    changed: names.flatMap((method) => {
      const [old, now] = [before.get(method), after.get(method)];
      const change = old === undefined || now === undefined ? null : changeOf(old, now);
      return change === null ? [] : [{ method, ...change }];
    }),
    addedEvents: without(namesIn(to.events), namesIn(from.events)),
    removedEvents: without(namesIn(from.events), namesIn(to.events)),
    rules: diffRules(wordRules(from, RULES), wordRules(to, RULES)),
  };
}

function diffRules(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ProfileDiff["rules"] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((rule) => {
    const change = changeOf(before.get(rule) ?? "none", after.get(rule) ?? "none");
    return change === null ? [] : [{ rule, ...change }];
  });
}

/** True when nothing that a profile knows differs. */
export function isSameProfile(diff: ProfileDiff): boolean {
  const { protocol, added, removed, changed, addedEvents, removedEvents, rules } = diff;
  const lists = [added, removed, changed, addedEvents, removedEvents, rules];
  return protocol === null && lists.every(({ length }) => length === 0);
}

function needsByMethod({ methods }: Profile): ReadonlyMap<string, string> {
  return new Map(methods === NOT_MEASURED ? [] : Object.entries(methods));
}

function changeOf(from: string, to: string): Change | null {
  return from === to ? null : { from, to };
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name)).toSorted();
}
