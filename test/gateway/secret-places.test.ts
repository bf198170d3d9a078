import { describe, expect, test } from "vitest";
import {
  placeBelow,
  secretKindAt,
  secretKindOfNumberAt,
  WHOLE_FRAME,
  type Place,
} from "../../src/gateway/secret-places.ts";

function placeAt(path: readonly (string | null)[]): Place {
  return path.reduce(placeBelow, WHOLE_FRAME);
}

describe("secretKindOfNumberAt", () => {
  test.each([
    [["params", "auth"], "1", "credential"],
    [["params", "auth", "pin"], "1", "credential"],
    [["payload", "password"], "1234", "password"],
    [["payload", "token"], "123456", "token"],
    [["payload", "token"], "12", null],
    [["payload", "usage", "totalTokens"], "123456", null],
    [["payload", "code"], "123456", null],
    [["payload", "verificationCode"], "123456", "verificationcode"],
    [[], "123456", null],
  ])("%j: %s", (path, digits, kind) => {
    expect(secretKindOfNumberAt(placeAt(path), digits)).toBe(kind);
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
    [["payload", "password", "value"], null, "password"],
    [["params", "auth"], "connect", "credential"],
    [["params", "auth", null], "connect", "credential"],
    [["payload", "token", "nested", "deep"], null, "token"],
    [["payload", "credentials", "user"], null, "credential"],
    [["params", "value"], "config.set", "secret"],
    [["payload", "assignments", null, "anything"], "secrets.resolve", "secret"],
  ])("%j in %s", (path, method, kind) => {
    expect(secretKindAt(placeAt(path), method)).toBe(kind);
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
    [["payload", "auth"], null],
    [
      ["payload", "schema", "properties", "token", "anyOf", null, "required", null],
      "config.schema",
    ],
    [["payload", "paired", null, "tokens", null, "scopes", null], null],
    [["payload", "schema", "properties", "token", "type"], "config.schema"],
    [["payload", "assignments", null, "path"], "secrets.resolve"],
    [["method"], "secrets.resolve"],
    [[null], null],
    [[], null],
  ])("nothing at %j in %s", (path, method) => {
    expect(secretKindAt(placeAt(path), method)).toBeNull();
  });
});
