import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConnect, parseHello, parseRefusal } from "../../src/gateway/connect.ts";

test("reads who asks for what, and never the credential itself", () => {
  const connect = parseConnect({
    minProtocol: 3,
    maxProtocol: 4,
    client: {
      id: "cli",
      mode: "cli",
      version: "2026.5.4",
      platform: "linux",
      displayName: "me",
      instanceId: "x",
    },
    role: "operator",
    scopes: ["operator.read"],
    auth: { token: "s3cret", deviceToken: "t0ken", password: "" },
    device: { id: "d1", publicKey: "k", signature: "s", signedAt: 1, nonce: "n" },
  });
  expect(connect).toEqual({
    minProtocol: 3,
    maxProtocol: 4,
    client: {
      id: "cli",
      mode: "cli",
      version: "2026.5.4",
      platform: "linux",
      displayName: "me",
      deviceFamily: null,
    },
    role: "operator",
    scopes: ["operator.read"],
    authKinds: ["token", "deviceToken"],
    device: { id: "d1" },
  });
  expect(JSON.stringify(connect)).not.toMatch(/s3cret|t0ken/);
});

test("absent scopes are null, an absent role is operator, wrong types read as absent", () => {
  expect(parseConnect({})).toMatchObject({
    scopes: null,
    role: "operator",
    device: null,
    authKinds: [],
  });
  expect(parseConnect({ scopes: "all", role: 7, client: [], device: "d" })).toMatchObject({
    scopes: null,
    role: "operator",
    device: null,
    client: { id: "", mode: "" },
  });
  expect(parseConnect(null)).toBeNull();
});

test("tells a hello without an auth field from one that reports no scopes", () => {
  expect(parseHello({ type: "hello-ok", protocol: 3 })?.auth).toBeNull();
  expect(parseHello({ auth: { role: "operator", scopes: [] } })?.auth).toEqual({
    role: "operator",
    scopes: [],
    deviceTokenIssued: false,
    method: null,
  });
  expect(parseHello({ auth: { scopes: ["a"], deviceToken: "t" } })?.auth?.deviceTokenIssued).toBe(
    true,
  );
});

test("lifts the cause out of a refusal", () => {
  const refusal = parseRefusal({
    code: "NOT_PAIRED",
    message: "pairing required",
    details: {
      code: "PAIRING_REQUIRED",
      reason: "scope-upgrade",
      requestId: "r1",
      requestedScopes: ["operator.write"],
      approvedScopes: ["operator.read"],
    },
    retryable: null,
    retryAfterMs: null,
  });
  expect(refusal).toMatchObject({
    detailCode: "PAIRING_REQUIRED",
    reason: "scope-upgrade",
    requestId: "r1",
    requestedScopes: ["operator.write"],
    approvedScopes: ["operator.read"],
  });
});

test("never throws, whatever a peer sends", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const error = { code: "", message: "", details: value, retryable: null, retryAfterMs: null };
      expect(() => [parseConnect(value), parseHello(value), parseRefusal(error)]).not.toThrow();
    }),
  );
});
