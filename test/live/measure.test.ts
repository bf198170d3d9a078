import { expect, test } from "vitest";
import { isJsonObject } from "../../src/gateway/json-object.ts";
import { NOT_MEASURED } from "../../src/gateway/measured.ts";
import { RULE_NAMES, type Profile } from "../../src/gateway/profile.ts";
import { conclude } from "../../src/measure/measure.ts";
import { observe } from "../../src/measure/observe.ts";
import { profileFor } from "../support/profiles.ts";
import { nodeBinary, openClawEntry, OPENCLAW_VERSIONS } from "./harness/install.ts";

/** Where both know something, and something else. */
function differences(one: Profile, other: Profile): readonly string[] {
  return RULE_NAMES.flatMap((rule) => {
    const [a, b]: readonly unknown[] = [one[rule], other[rule]];
    if (!isJsonObject(a) || !isJsonObject(b)) return isOther(a, b) ? [rule] : [];
    const names = Object.keys({ ...a, ...b });
    return names.filter((name) => isOther(a[name] ?? false, b[name] ?? false)).map((name) => `${rule} > ${name}`); // prettier-ignore
  });
}

function isOther(a: unknown, b: unknown): boolean {
  if (a === NOT_MEASURED || b === NOT_MEASURED) return false;
  if (!isJsonObject(a) && !isJsonObject(b)) return JSON.stringify(a) !== JSON.stringify(b);
  // What a table does not name is false; a detail that no case shows is not there in what was measured.
  const [known, measured] = [isJsonObject(a) ? a : {}, isJsonObject(b) ? b : {}];
  return Object.keys(measured).some((name) =>
    isOther(known[name] ?? false, measured[name] ?? false),
  );
}

/** What is known to be other than the rules that come along say. */
const KNOWN: readonly string[] = [
  "ownedMethods > sessions.github.publish",
  "halfOpenMethods > question.list",
];

test("a Gateway that is measured from near has the rules that come along for its version", { timeout: 400_000 }, async () => {
  const [, version] = OPENCLAW_VERSIONS;
  const seen = await observe({ entry: openClawEntry(version), node: nodeBinary() }, "token");
  const { profile, proofs, unexplained } = conclude([seen]);
  expect(profile.version).toBe(version);
  expect(differences(profileFor(version), profile).filter((name) => !KNOWN.includes(name))).toEqual([]);
  expect(proofs.size).toBeGreaterThan(60);
  // A role in the other direction: no rule has a direction yet.
  expect(unexplained.filter((name) => !/comes as operator/.test(name))).toEqual([]);
}); // prettier-ignore
