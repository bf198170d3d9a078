import { describe, expect, it } from "vitest";
import { authorizeCall } from "../../src/gateway/authorize-call.ts";
import { profileFor } from "../support/profiles.ts";

const operator = (...scopes: readonly string[]) => ({
  role: "operator",
  scopes: scopes.map((scope) => `operator.${scope}`),
});

function ask(
  version: string,
  caller: { readonly role: string; readonly scopes: readonly string[] },
  method: string,
  params: unknown = {},
) {
  return authorizeCall(profileFor(version), caller, { method, params });
}

describe("a call refused for want of a scope", () => {
  it("is an INVALID_REQUEST up to 2026.6", () => {
    expect(ask("2026.5.4", operator(), "agent")).toEqual({
      kind: "refused",
      needed: ["operator.write"],
      error: { code: "INVALID_REQUEST", message: "missing scope: operator.write" },
    });
  });

  it("is FORBIDDEN with all that is needed from 2026.9", () => {
    expect(ask("2026.9.6", operator(), "talk.config", { includeSecrets: true })).toMatchObject({
      error: {
        code: "FORBIDDEN",
        message: "missing scope: operator.read",
        details: {
          code: "MISSING_SCOPE",
          missingScope: "operator.read",
          requiredScopes: ["operator.read", "operator.talk.secrets"],
        },
      },
    });
  });
});

describe("what a call needs", () => {
  it.each([
    ["health", operator(), {}, "allowed", "allowed"],
    ["sessions.list", operator("write"), {}, "allowed", "allowed"],
    ["sessions.list", operator("approvals"), {}, "refused", "refused"],
    ["talk.mode", operator("write"), {}, "allowed", "allowed"],
    ["config.set", operator("write"), {}, "refused", "refused"],
    ["config.set", operator("admin"), {}, "allowed", "allowed"],
    ["agent", operator("write"), { message: "/reset now" }, "allowed", "refused"],
    ["agent", operator("write"), { message: "reset" }, "allowed", "allowed"],
    ["agent", operator("write"), { message: "/reset", idempotencyKey: "k" }, "refused", "refused"],
    ["agent", operator("write"), { message: "hi", model: "m" }, "unknown", "allowed"],
    ["talk.config", operator("read"), { includeSecrets: true }, "refused", "refused"],
    ["talk.config", operator("read"), {}, "allowed", "allowed"],
    ["sessions.abort", operator("write"), {}, "allowed", "unknown"],
    ["sessions.abort", operator("read"), {}, "refused", "refused"],
    ["sessions.abort", operator("admin"), {}, "allowed", "allowed"],
    ["device.pair.approve", operator("pairing"), { requestId: "r" }, "unknown", "unknown"],
    ["device.token.rotate", operator("pairing"), { deviceId: "d" }, "unknown", "unknown"],
    ["device.token.rotate", operator("admin"), { deviceId: "d" }, "allowed", "allowed"],
    ["sessions.patch", operator("write"), { key: "k", label: "x" }, "refused", "allowed"],
    ["sessions.patch", operator("write"), { key: "k", sandboxMode: "off" }, "refused", "refused"],
    ["sessions.delete", operator("write"), { key: "k", archivedOnly: true }, "refused", "allowed"],
    ["sessions.delete", operator("write"), { key: "k" }, "refused", "refused"],
    ["question.list", operator("write"), {}, "refused", "unknown"],
    ["sessions.dispatch", operator("write"), { key: "k" }, "refused", "unknown"],
  ] as const)("%s by %o with %o", (method, caller, params, old, now) => {
    expect(ask("2026.5.4", caller, method, params).kind).toBe(old);
    expect(ask("2026.9.6", caller, method, params).kind).toBe(now);
  });

  it("is admin for a method that nobody knows, and then it is unknown", () => {
    expect(ask("2026.5.4", operator("write"), "nope")).toMatchObject({
      error: { message: "missing scope: operator.admin" },
    });
    expect(ask("2026.5.4", operator("admin"), "nope")).toMatchObject({
      error: { code: "INVALID_REQUEST", message: "unknown method: nope" },
    });
  });

  it("is not known for a plugin's method, unless the caller is an admin", () => {
    const call = { method: "acme.run", params: {} };
    const profile = profileFor("2026.5.4");
    expect(authorizeCall(profile, operator("write"), call, ["acme.run"]).kind).toBe("unknown");
    expect(authorizeCall(profile, operator("admin"), call, ["acme.run"]).kind).toBe("allowed");
  });
});

describe("roles", () => {
  const node = { role: "node", scopes: [] };

  it.each([
    [operator("admin"), "node.event", "unauthorized role: operator"],
    [node, "sessions.list", "unauthorized role: node"],
  ])("keep %o from %s", (caller, method, message) => {
    expect(ask("2026.5.4", caller, method)).toMatchObject({ error: { message } });
  });

  it("let a node call what is for nodes", () => {
    expect(ask("2026.5.4", node, "node.event").kind).toBe("allowed");
  });
});
