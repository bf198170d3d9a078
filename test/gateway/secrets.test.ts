import { describe, expect, test } from "vitest";
import {
  secretKindOfHeader,
  secretKindOfName,
  secretKindOfQueryName,
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
    ["API key", "apikey"],
    ["api_key_2", "apikey"],
    ["password1", "password"],
    ["dbPass", "pass"],
    ["DB_PASS", "pass"],
    ["jwt", "jwt"],
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
    "bypass",
    "compass",
    "spin",
    "idpin",
    "constructor",
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

describe("secretKindOfQueryName", () => {
  test.each([
    ["key", "token"],
    ["sig", "token"],
    ["user[password]", "password"],
    ["tokens[]", "token"],
    ["tokens[0]", "token"],
    ["auth.token", "token"],
    ["a%5Bjwt%5D", "jwt"],
    ["pass", "pass"],
    ["page", null],
    ["bypass", null],
    ["keyboard", null],
  ])("%s: %s", (name, kind) => {
    expect(secretKindOfQueryName(name, "a")).toBe(kind);
  });
});
