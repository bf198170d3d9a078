import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { FrameError } from "../../src/gateway/frame.ts";
import { profileFor } from "../support/profiles.ts";
import {
  holdsScope,
  lackingScopes,
  OPERATOR_SCOPES,
  parseRoleRefusal,
  parseScopeRefusal,
  scopesCovering,
} from "../../src/gateway/scopes.ts";
import { counted } from "../support/counted.ts";

function error(code: string, message: string, details?: unknown): FrameError {
  return { code, message, details, retryable: null, retryAfterMs: null };
}

test.each([
  ["2026.5.4", ["operator.admin"], "operator.talk.secrets", true],
  ["2026.5.4", ["operator.write"], "operator.read", true],
  ["2026.5.4", ["operator.read"], "operator.write", false],
  ["2026.5.4", ["operator.write"], "operator.talk", false],
  ["2026.9.6", ["operator.write"], "operator.talk", true],
  ["2026.9.6", ["operator.write"], "operator.sessions.write", true],
  ["2026.9.6", ["operator.read"], "operator.sessions.write", false],
  ["2026.9.6", ["operator.admin"], "node.exec", false],
  ["2026.9.6", [], "operator.read", false],
] as const)("on %s %j covers %s: %s", (version, held, needed, expected) => {
  expect(holdsScope(held, needed, profileFor(version).implies)).toBe(expected);
});

test("reads the text of the old generation", () => {
  expect(parseScopeRefusal(error("INVALID_REQUEST", "missing scope: operator.write"))).toEqual({
    missing: "operator.write",
    required: ["operator.write"],
  });
});

test("reads the details of the new generation", () => {
  const details = {
    code: "MISSING_SCOPE",
    missingScope: "operator.read",
    requiredScopes: ["operator.read", "operator.talk.secrets"],
  };
  expect(parseScopeRefusal(error("FORBIDDEN", "any words", details))).toEqual({
    missing: "operator.read",
    required: ["operator.read", "operator.talk.secrets"],
  });
});

test.each([
  "missing scope: function Object() { [native code] }",
  "missing scope: ",
  "device token rotation denied",
  "the model said: missing scope: operator.write",
])("takes %j for no scope refusal", (message) => {
  expect(parseScopeRefusal(error("INVALID_REQUEST", message))).toBeNull();
});

test("reads the role of a role refusal", () => {
  expect(parseRoleRefusal(error("INVALID_REQUEST", "unauthorized role: operator"))).toBe(
    "operator",
  );
  expect(parseRoleRefusal(error("INVALID_REQUEST", "unauthorized"))).toBeNull();
});

const { implies } = profileFor("2026.9.6");
const scope = fc.oneof(
  fc.constantFrom(...OPERATOR_SCOPES, "operator.sessions.write", "node.exec", "constructor"),
  fc.string({ maxLength: 4 }),
);

test("lists are judged as each of their scopes is", () => {
  fc.assert(
    fc.property(fc.array(scope), fc.array(scope), (needed, held) => {
      expect(lackingScopes(needed, held, implies)).toEqual(
        needed.filter((one) => !holdsScope(held, one, implies)),
      );
      const covering = scopesCovering(needed, implies);
      for (const one of held) {
        expect(covering.has(one)).toBe(needed.some((other) => holdsScope([one], other, implies)));
      }
    }),
  );
});

test("long lists are gone through a few times, not once for each scope", () => {
  const reads = (length: number): number => {
    const names = Array.from({ length }, (_, index) => `operator.${index}`);
    const [needed, held] = [counted(names), counted(names.map((name) => `${name}x`))];
    lackingScopes(needed.list, held.list, implies);
    scopesCovering(needed.list, implies);
    return needed.reads() + held.reads();
  };
  expect(reads(4000)).toBeLessThan(reads(1000) * 5);
});
