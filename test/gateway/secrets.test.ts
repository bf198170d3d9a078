import { describe, expect, test } from "vitest";
import { mayHoldSecret } from "../../src/redaction/secret-signs.ts";
import {
  isSecretValue,
  isWorthRemembering,
  secretKindAt,
  secretKindOfHeader,
  secretKindOfName,
} from "../../src/gateway/secrets.ts";

describe("secretKindOfName", () => {
  test.each([
    ["token", "token"],
    ["deviceToken", "token"],
    ["bootstrapToken", "token"],
    ["tokens", "token"],
    ["OPENAI_API_KEY", "apikey"],
    ["apiKey", "apikey"],
    ["client_secret", "secret"],
    ["password", "password"],
    ["signature", "signature"],
    ["authorization", "authorization"],
    ["webhookSecret", "secret"],
    ["privateKey", "privatekey"],
    ["setupCode", "setupcode"],
  ])("%s is a %s", (name, kind) => {
    expect(secretKindOfName(name)).toBe(kind);
  });

  test.each([
    "tokenCount",
    "tokenDelivery",
    "tokenFile",
    "authMode",
    "authReason",
    "method",
    "scopes",
    "publicKey",
    "vapidPublicKey",
    "sessionKey",
    "mainKey",
    "idempotencyKey",
    "nonce",
    "key",
    "deviceId",
    "secretRef",
    "passwordFile",
    "apiKeyEnv",
  ])("%s is no secret", (name) => {
    expect(secretKindOfName(name)).toBeNull();
  });
});

describe("secretKindOfHeader", () => {
  test.each([
    ["Authorization", "authorization"],
    ["Proxy-Authorization", "authorization"],
    ["Cookie", "cookie"],
    ["Set-Cookie", "cookie"],
    ["X-OpenClaw-Token", "token"],
    ["x-api-key", "apikey"],
    ["Sec-WebSocket-Key", null],
    ["Sec-WebSocket-Accept", null],
    ["Host", null],
    ["X-OpenClaw-Scopes", null],
    ["Tailscale-User-Login", null],
  ])("%s: %s", (name, kind) => {
    expect(secretKindOfHeader(name)).toBe(kind);
  });
});

describe("secretKindAt", () => {
  test.each([
    [["params", "auth", "token"], "connect", "token"],
    [["params", "auth", "somethingNew"], "connect", "credential"],
    [["params", "auth", "deep", null], "connect", "credential"],
    [["params", "device", "signature"], "connect", "signature"],
    [["payload", "auth", "deviceToken"], null, "token"],
    [["payload", "auth", "deviceTokens", null, "deviceToken"], null, "token"],
    [["payload", "token"], null, "token"],
    [["payload", "tokens", null], null, "token"],
    [["payload", "password", "value"], null, "secret"],
    [["params", "value"], "config.set", "secret"],
    [["payload", "assignments", null, "anything"], "secrets.resolve", "secret"],
  ])("%j in %s", (path, method, kind) => {
    expect(secretKindAt(path, method)).toBe(kind);
  });

  test.each([
    [["payload", "auth", "role"], null],
    [["payload", "auth", "method"], null],
    [["payload", "auth", "scopes", null], null],
    [["payload", "auth", "deviceTokens", null, "role"], null],
    [["params", "device", "publicKey"], "connect"],
    [["params", "device", "nonce"], "connect"],
    [["params", "device", "id"], "connect"],
    [["params", "scopes", null], "connect"],
    [["params", "auth"], "connect"],
    [["payload", "paired", null, "tokens", null, "scopes", null], null],
    [["payload", "schema", "properties", "token", "type"], "config.schema"],
    [["payload", "assignments", null, "path"], "secrets.resolve"],
    [["method"], "secrets.resolve"],
    [[null], null],
    [[], null],
  ])("nothing at %j in %s", (path, method) => {
    expect(secretKindAt(path, method)).toBeNull();
  });
});

describe("mayHoldSecret", () => {
  test("misses no name that secretKindOfName knows", () => {
    const words =
      "token secret password passwd passphrase passcode authorization cookie signature credential bearer".split(
        " ",
      );
    const keys = ["api", "private", "secret", "access"].flatMap((of) =>
      ["", "_", "-"].map((gap) => `${of}${gap}key`),
    );
    const others = ["encrypt", "encryption", "signing", "auth", "client"].flatMap((of) => [
      `${of}key`,
      `${of}_key`,
    ]);
    const codes = ["setup", "pairing"].flatMap((of) => [`${of}code`, `${of}_code`]);
    for (const name of [...words, ...keys, ...others, ...codes]) {
      for (const spelled of [name, `${name}s`, name.toUpperCase(), `my_${name}`]) {
        const looks = [`{"${spelled}":"x"}`, `${spelled}=x`].map(mayHoldSecret);
        const known = secretKindOfName(spelled) !== null;
        expect({ spelled, known, looks }).toEqual({ spelled, known: true, looks: [true, true] });
      }
    }
  });

  test.each([
    '{"auth":{"x":"y"}}',
    '{"token":"a"}',
    '{"token" : [ "a" ]}',
    '{"raw":"{ \\"token\\": \\"a\\" }"}',
    '{"raw":"{ token: \'a\' }"}',
    '{"OPENAI_API_KEY":"a"}',
    '{"method":"secrets.resolve"}',
    '{"method":"config.set"}',
    '{"text":"curl -H Authorization: Bearer abc"}',
    '{"url":"http://127.0.0.1/#token=abc"}',
    '{"url":"postgres://me:pass@host/db"}',
    '{"canvas":"http://h/__openclaw__/cap/w7pJd3_l22NhFwjTSyNBLD2Z"}',
    '{"text":"sk-ant-0123456789abcdef"}',
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    '{"passphrase":"a","x":1}',
    '{"encryptKey":"a"}',
    '{"pairing_code":"a"}',
  ])("looks closer at %s", (text) => {
    expect(mayHoldSecret(text)).toBe(true);
  });

  test.each([
    '{"type":"event","event":"tick","payload":{"ts":1795403421997},"seq":4}',
    '{"usage":{"totalTokens":12,"maxTokens":5}}',
    '{"methods":["device.token.rotate","talk.secrets"],"scopes":["operator.talk.secrets"]}',
    '{"error":{"code":"INVALID_REQUEST","message":"missing scope: operator.talk.secrets"}}',
    '{"sessionKey":"agent:main:main","key":"a","publicKey":"b"}',
    '{"text":"Tokens are counted; a secret is kept."}',
  ])("passes over %s", (text) => {
    expect(mayHoldSecret(text)).toBe(false);
  });
});

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
