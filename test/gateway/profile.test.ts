import { expect, test } from "vitest";
import { namesIn } from "../../src/gateway/measured.ts";
import { methodScope } from "../../src/gateway/profile.ts";
import { PROFILES, profileFor } from "../support/profiles.ts";
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

test("every profile names its methods", () => {
  for (const { methods, hiddenMethods, openMethods, paramRules } of PROFILES) {
    const names = namesIn(methods);
    expect(names.length).toBeGreaterThan(80);
    const others = [hiddenMethods, openMethods, paramRules].flatMap(namesIn);
    expect(others.filter((name) => !names.includes(name))).toEqual([]);
  }
});
