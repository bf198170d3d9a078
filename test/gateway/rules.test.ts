import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { authorizeCall } from "../../src/gateway/authorize-call.ts";
import { look, NOT_MEASURED } from "../../src/gateway/measured.ts";
import { formatProfile, parseProfile, RULE_NAMES, titleOf } from "../../src/gateway/profile.ts";
import { agreeing, describeRules, rulesFor } from "../../src/gateway/rules.ts";
import { compareVersions } from "../../src/gateway/measured-profiles.ts";
import { PROFILES, profileFor } from "../support/profiles.ts";

describe("whose rules count", () => {
  test.each([
    ["2026.5.4", ["2026.5.4"]],
    ["2026.5.4-1", ["2026.5.4", "2026.6.11"]],
    ["2026.5.4-beta.2", ["2026.3.13", "2026.5.4"]],
    ["2026.5.28", ["2026.5.4", "2026.6.11"]],
    ["2026.8.2", ["2026.6.11", "2026.9.6"]],
    ["2027.1.1", []],
    ["2025.1.1", []],
    ["dev", PROFILES.map(({ version }) => version)],
    [null, PROFILES.map(({ version }) => version)],
  ])("for %s those of %j", (version, sharedBy) => {
    expect(rulesFor(version).sharedBy).toEqual(sharedBy);
  });

  test.each([
    ["2026.9.6", null],
    ["2026.8.2", "OpenClaw 2026.8.2 has not been measured; rules that 2026.6.11 and 2026.9.6 share"],
    ["2027.1.1", "OpenClaw 2027.1.1 has not been measured, nor a version on both sides of it; no rules but what the recording shows"],
    [null, "The Gateway's version is not known; rules that all measured versions share"],
  ])("is told of %s", (version, told) => {
    expect(describeRules(rulesFor(version))).toBe(told);
  }); // prettier-ignore

  test("versions are in the order of their release", () => {
    const versions = ["2026.10.1", "2026.9.6-1", "2026.9.6", "2026.9.6-beta.1", "2026.9.5"];
    expect(versions.toSorted(compareVersions)).toEqual(versions.toReversed());
  });
});

describe("between two versions", () => {
  const between = profileFor("2026.8.2");

  test("what both say counts, and nothing else", () => {
    expect(between.protocol).toBe(4);
    expect(between.refusesForwarding).toBe(NOT_MEASURED);
    expect(look(between.keepsScopesWithoutDevice, "gateway-client/backend")).toBe(true);
    expect(look(between.keepsScopesWithoutDevice, "cli/cli")).toBe(NOT_MEASURED);
    expect(look(between.keepsScopesWithoutDevice, "cli/probe")).toBe(false);
    expect(look(between.methods, "sessions.list")).toBe("operator.read");
  });

  const ask = (scopes: readonly string[], method: string, params: unknown = {}) =>
    authorizeCall(between, { role: "operator", scopes }, { method, params });

  test.each([
    // The first needs admin, then write.
    [["operator.write"], "sessions.patch", {}, "unknown"],
    [["operator.admin"], "sessions.patch", {}, "allowed"],
    // Its params count in the second only.
    [["operator.write"], "node.invoke", { command: "fs.list" }, "unknown"],
    [["operator.write"], "node.invoke", { command: "system.run" }, "allowed"],
    [["operator.read"], "talk.config", { includeSecrets: true }, "unknown"],
    [["operator.read", "operator.talk.secrets"], "talk.config", { includeSecrets: true }, "allowed"],
    [["operator.read"], "talk.config", {}, "allowed"],
  ])("%j calls %s with %j: %s", (scopes, method, params, kind) => {
    expect(ask(scopes, method, params).kind).toBe(kind);
  }); // prettier-ignore
});

test("nothing is known beyond the newest version", () => {
  const profile = profileFor("2027.1.1");
  expect(RULE_NAMES.filter((name) => profile[name] !== NOT_MEASURED)).toEqual([]);
  const caller = { role: "operator", scopes: ["operator.admin"] };
  expect(authorizeCall(profile, caller, { method: "health", params: {} }).kind).toBe("unknown");
});

test("a rule that one of them does not have is not taken for one that both have", () => {
  const [one, other] = [profileFor("2026.5.4"), profileFor("2026.6.11")];
  for (const name of RULE_NAMES) {
    const both = agreeing("x", [one, { ...other, [name]: NOT_MEASURED }]);
    expect([name, both[name]]).toEqual([name, NOT_MEASURED]);
  }
});

test("given profiles count before those that come along, and fill what those leave open", () => {
  const given = { ...profileFor("2026.9.6"), version: "2026.8.2", implies: NOT_MEASURED } as const;
  const { profile, sharedBy } = rulesFor("2026.8.2", [given]);
  expect(sharedBy).toEqual(["2026.8.2"]);
  expect(profile.refusesForwarding).toBe(true);
  expect(look(profile.implies, "operator.write")).toMatchObject({ "operator.read": true });
  expect(rulesFor("2026.9.1", [given]).sharedBy).toEqual(["2026.8.2", "2026.9.6"]);
});

test.each(PROFILES.map((profile) => [profile.version, profile] as const))(
  "the file of %s stands as it would be written",
  (version, profile) => {
    const file = new URL(`../../src/gateway/profiles/${version}.json`, import.meta.url);
    const text = readFileSync(file, "utf8");
    const from = /^ {2}"from": "(.*)",$/m.exec(text)?.[1];
    expect(text).toBe(formatProfile(profile, from === undefined ? from : profileFor(from)));
    expect(parseProfile(formatProfile(profile))).toEqual({ ok: true, profile });
  },
);

test.each(
  PROFILES.flatMap((one) => PROFILES.map((other) => [one.version, other.version] as const)),
)("%s survives being written as what differs from %s", (version, other) => {
  const [profile, from] = [profileFor(version), profileFor(other)];
  const text = formatProfile(profile, from);
  const find = (name: string) => (name === other ? from : null);
  expect(parseProfile(text, find)).toEqual({ ok: true, profile });
  const nobody = {
    ok: false,
    reason: `it is written from ${from.version}, which was not measured`,
  };
  expect(parseProfile(text)).toEqual(nobody);
});

test("a version of one rule is told from nothing at all where the other has none", () => {
  const base = profileFor("2026.9.6");
  const odd = {
    ...base,
    version: "2026.9.7",
    implies: NOT_MEASURED,
    hints: {},
    protocol: 5,
  } as const;
  const text = formatProfile(odd, base);
  expect(text.split("\n").length).toBeLessThan(16);
  expect(text).toContain('"implies": "not measured"');
  expect(parseProfile(text, () => base)).toEqual({ ok: true, profile: odd });
});

test("a detail that is false stays in what versions share, and in a profile that others fill", () => {
  const [one, other] = [profileFor("2026.5.4"), profileFor("2026.9.6")];
  const hasDetail = { details: { canRetryWithDeviceToken: false } };
  const given = { ...other, version: "2026.9.7", implies: NOT_MEASURED } as const;
  const profiles = [agreeing("2026.7.1", [one, other]), rulesFor("2026.9.7", [given]).profile];
  for (const { refusals } of profiles)
    expect(look(refusals, "token_mismatch")).toMatchObject(hasDetail);
});

test("every rule has a title", () => {
  expect(RULE_NAMES.filter((name) => titleOf(name) === name)).toEqual(["protocol", "events"]);
});
