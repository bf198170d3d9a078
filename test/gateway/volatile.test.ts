import { describe, expect, it } from "vitest";
import { isTimeField, isVolatileField, maskText } from "../../src/gateway/volatile.ts";

describe("volatile fields", () => {
  it.each([
    "idempotencyKey",
    "runId",
    "nonce",
    "signedAt",
    "instanceId",
    "seq",
    "ts",
    "issuedAtMs",
    "tsServer",
  ])("%s is one", (name) => {
    expect(isVolatileField(name)).toBe(true);
  });

  it.each([
    "scopes",
    "message",
    "timeoutMs",
    "limit",
    "tsconfig",
    "format",
    "agentId",
    "sandboxMode",
  ])("%s is none", (name) => {
    expect(isVolatileField(name)).toBe(false);
  });

  it.each([
    ["ts", true],
    ["acceptedAt", true],
    ["startedAtMs", true],
    ["durationMs", false],
    ["At", true],
    ["flat", false],
  ])("%s holds a time: %s", (name, expected) => {
    expect(isTimeField(name)).toBe(expected);
  });
});

describe("maskText", () => {
  it.each([
    ["agent:main:subagent:38D8116f-4090-49d1-8294-728bd6a0b752", "agent:main:subagent:<uuid>"],
    ["at 2026-11-23T02:29:24.575Z and 2026-11-23 02:29 UTC.", "at <time> and <time>."],
    ["released 2026-11-23, version 2026.5.4", "released 2026-11-23, version 2026.5.4"],
  ])("%s", (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });
});
