import { expect, test } from "vitest";
import { isSecretValue, isWorthRemembering } from "../../src/gateway/secret-values.ts";

test("what stands for a secret is none", () => {
  expect(
    ["", "__OPENCLAW_REDACTED__", "***", "<redacted:token:1f3a9c20>"].some(isSecretValue),
  ).toBe(false);
  expect(["x", "12345", "<redacted:token:xyz>", " "].every(isSecretValue)).toBe(true);
});

test("short secrets and words of the protocol are not searched for elsewhere", () => {
  expect(["12345", "operator", "operator.read", "gateway"].some(isWorthRemembering)).toBe(false);
  expect(["123456", "secret-token-1"].every(isWorthRemembering)).toBe(true);
});
