import { expect, test } from "vitest";
import { methodScope, PROFILES, profileFor } from "../../src/gateway/profile.ts";

test.each([
  ["2026.5.4", "2026.5.4"],
  ["2026.5.4-1", "2026.5.4"],
  ["2026.5.30", "2026.5.4"],
  ["2026.6.11", "2026.6.11"],
  ["2026.8.1", "2026.6.11"],
  ["2027.1.1", "2026.9.6"],
  ["2025.1.1", "2026.2.19"],
  ["dev", "2026.2.19"],
  [null, "2026.9.6"],
])("the profile for %s is that of %s", (version, expected) => {
  expect(profileFor(version).version).toBe(expected);
});

test.each([
  ["2026.5.4", "agent", "operator.write"],
  ["2026.5.4", "sessions.delete", "operator.admin"],
  ["2026.5.4", "sessions.patch", "operator.admin"],
  ["2026.9.6", "sessions.patch", "operator.write"],
  ["2026.9.6", "talk.speak", "operator.talk"],
  ["2026.5.4", "health", null],
  ["2026.5.4", "no.such.method", null],
])("on %s %s needs %s", (version, method, scope) => {
  expect(methodScope(profileFor(version), method)).toBe(scope);
});

test("no profile names a method twice", () => {
  for (const profile of PROFILES) {
    const names = [
      ...Object.values(profile.methods).flat(),
      ...profile.freeMethods,
      ...profile.nodeMethods,
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThan(80);
    expect(profile.hiddenMethods.filter((name) => !names.includes(name))).toEqual([]);
  }
});
