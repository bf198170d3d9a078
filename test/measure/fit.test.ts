import { describe, expect, test } from "vitest";
import { isJsonObject } from "../../src/gateway/json-object.ts";
import { look, NOT_MEASURED } from "../../src/gateway/measured.ts";
import { RULE_NAMES, type Profile } from "../../src/gateway/profile.ts";
import { fill } from "../../src/gateway/rules.ts";
import type { Case } from "../../src/measure/case.ts";
import { foresee } from "../../src/measure/foresee.ts";
import { fitRules, type Fit } from "../../src/measure/fit.ts";
import { casesFor } from "../../src/measure/matrix.ts";
import type { Observation, Seen } from "../../src/measure/meet.ts";
import { PROFILES, profileFor } from "../support/profiles.ts";

const CASES = (["token", "password", "none", "far"] as const).flatMap(casesFor);

/** The profile, with what it leaves open taken from others: a Gateway has words for everything. */
function whole(profile: Profile): Profile {
  return PROFILES.toReversed().reduce(fill, profile);
}

/** What a Gateway with exactly these rules would be seen to do; for what they do not know, nothing. */
function simulate(profile: Profile, one: Case): Observation {
  return {
    case: one,
    seen: foresee(profile, one).map(({ handshake, calls }): Seen | null =>
      handshake === null
        ? null
        : {
            handshake,
            calls: calls.map((call) => call && { error: call === "allowed" ? null : call }),
          },
    ),
  };
}

/** What the fit makes of a Gateway with these rules, starting from those of another version. */
function refit(profile: Profile, from: Profile): Fit {
  const { version, methods, hiddenMethods, events } = profile;
  const start = { ...whole(from), version, methods, hiddenMethods, events };
  return fitRules(start, CASES.map((one) => simulate(profile, one))); // prettier-ignore
}

/** Values that the fit has and the profile does not; what was not measured says nothing, nor does a detail that is never there. */
function contradictions(profile: Profile, fitted: Profile): readonly string[] {
  return RULE_NAMES.filter((rule) => rule !== "refusals").flatMap((rule) => {
    const [real, found]: readonly unknown[] = [profile[rule], fitted[rule]];
    if (!isJsonObject(real) || !isJsonObject(found)) {
      return isSame(real, found) ? [] : [rule];
    }
    return Object.keys({ ...real, ...found })
      .filter((name) => !isSame(real[name] ?? false, found[name] ?? false))
      .map((name) => `${rule} > ${name}`);
  });
}

function isSame(real: unknown, found: unknown): boolean {
  if (found === NOT_MEASURED || real === NOT_MEASURED) return true;
  if (!isJsonObject(found)) return JSON.stringify(real) === JSON.stringify(found);
  const inner = isJsonObject(real) ? real : {};
  return Object.keys({ ...inner, ...found }).every((name) => isSame(inner[name] ?? false, found[name] ?? false)); // prettier-ignore
}

test("cases have names of their own, and there are enough of them", () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(CASES.length).toBeGreaterThan(600);
});

describe.each(PROFILES.map((profile, index) => [profile.version, profile, PROFILES[index - 1] ?? PROFILES[index + 1]] as const))(
  "a Gateway with the rules of %s",
  (version, profile, from) => {
    const real = whole(profile);
    const fit = refit(real, from ?? real);

    test("gives them back, as far as cases can tell", { timeout: 120_000 }, () => {
      expect(fit.unexplained).toEqual([]);
      expect(contradictions(profile, fit.profile)).toEqual([]);
    });

    test("proves each rule with cases, and nothing else", () => {
      const names = new Set(CASES.map(({ name }) => name));
      const ofCases = [...fit.proofs.values()].flat().map((name) => name.replace(/(?:, connection \d+)?(?: > .*)?$/, "")); // prettier-ignore
      expect(ofCases.filter((name) => !names.has(name))).toEqual([]);
      expect([...fit.proofs.keys()]).toEqual(
        expect.arrayContaining(["protocol", "clientIds > cli", "refusals > missing-scope"]),
      );
      expect(fit.profile.seqCounts).toBe(NOT_MEASURED);
      expect(version).toBe(fit.profile.version);
    });
  },
); // prettier-ignore

const NEWEST = profileFor("2026.9.6");
const REFUSALS = isJsonObject(NEWEST.refusals) ? NEWEST.refusals : {};

const DEVICE_REQUIRED = { code: "NO_DEVICE", message: "come with a device", details: { as: "<role>" }, close: { code: 4000, reason: "go" } }; // prettier-ignore
const WRITE = { ...Object(look(NEWEST.implies, "operator.write")), "operator.approvals": true };

test.each<readonly [changed: Partial<Profile>, found: object | null]>([
  [{ upgradesScopesSilently: false }, null],
  [{ namesScopeMismatch: false }, null],
  [{ keepsScopesWithoutDevice: { "test/test": true } }, null],
  [{ helloScopesWithToken: "token" }, null],
  [
    { implies: { ...Object(NEWEST.implies), "operator.write": WRITE } },
    { implies: { "operator.write": { "operator.approvals": true } } },
  ],
  [
    { refusals: { ...REFUSALS, "device-required": DEVICE_REQUIRED } },
    { refusals: { "device-required": DEVICE_REQUIRED } },
  ],
])("a change is found (%#)", { timeout: 120_000 }, (changed, found) => {
  const real = { ...whole(NEWEST), ...changed };
  const fit = refit(real, NEWEST);
  expect(fit.unexplained).toEqual([]);
  expect(contradictions(real, fit.profile)).toEqual([]);
  expect(fit.profile).toMatchObject(found ?? changed);
});

test("what no rule explains is told, and no rule is bent to it", { timeout: 120_000 }, () => {
  const observations = CASES.map((one) => simulate(NEWEST, one));
  const odd = observations.findIndex(({ case: one }) => one.name === "token: cli/cli without a device asks read"); // prettier-ignore
  const [was] = observations[odd]?.seen ?? [];
  const error = { code: "TEAPOT", message: "short and stout" };
  const refused = { kind: "refused", error, close: { code: 1008, reason: "" } } as const;
  if (was && observations[odd]) observations[odd] = { case: observations[odd].case, seen: [{ handshake: refused, calls: [] }] }; // prettier-ignore
  const fit = fitRules(NEWEST, observations);
  expect(fit.unexplained).toEqual(["token: cli/cli without a device asks read"]);
  expect(contradictions(NEWEST, fit.profile)).toEqual([]);
});
