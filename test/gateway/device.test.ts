import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  buildSignaturePayload,
  DEVICE_SIGNATURE_SKEW_MS,
  deviceIdOf,
  type DeviceKey,
  type DeviceProof,
  signDevice,
  type SignedConnect,
  verifyDevice,
} from "../../src/gateway/device.ts";

const NOW_MS = 1_763_870_000_000;
const NONCE = "6f0c0bb4-3a0d-4c31-9c30-2ad4c8e1f001";

const connect: SignedConnect = {
  client: { id: "cli", mode: "cli", platform: " Linux ", deviceFamily: "MacBook" },
  role: "operator",
  scopes: ["operator.read", "operator.write"],
  auth: { token: "shared" },
};

function newKey(): DeviceKey & { readonly pem: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = rawBytes(publicKey).toString("base64url");
  const id = deviceIdOf(raw) ?? "";
  return {
    id,
    publicKey: raw,
    privateKey,
    pem: String(publicKey.export({ type: "spki", format: "pem" })),
  };
}

function rawBytes(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" }).subarray(12);
}

describe("deviceIdOf", () => {
  // RFC 8032, section 7.1, test 1.
  const raw = Buffer.from(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "hex",
  );
  const id = "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9";

  test("is the SHA-256 of the raw key, from base64url or base64", () => {
    expect(deviceIdOf(raw.toString("base64url"))).toBe(id);
    expect(deviceIdOf(raw.toString("base64"))).toBe(id);
  });

  test("reads a PEM as the same key", () => {
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
    const key = createPublicKey({ key: der, type: "spki", format: "der" });
    expect(deviceIdOf(String(key.export({ type: "spki", format: "pem" })))).toBe(id);
  });

  test.each(["", "-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----"])(
    "is null for %j",
    (publicKey) => {
      expect(deviceIdOf(publicKey)).toBeNull();
    },
  );
});

describe("buildSignaturePayload", () => {
  const claim = { id: "d1", signedAt: 5, nonce: "n" };

  test("joins the fields in the Gateway's order", () => {
    expect(buildSignaturePayload("v2", connect, claim)).toBe(
      "v2|d1|cli|cli|operator|operator.read,operator.write|5|shared|n",
    );
    expect(buildSignaturePayload("v3", connect, claim)).toBe(
      "v3|d1|cli|cli|operator|operator.read,operator.write|5|shared|n|linux|macbook",
    );
  });

  test("absent fields are empty, an absent role is operator", () => {
    const bare = { client: { id: "cli", mode: "cli" } };
    expect(buildSignaturePayload("v3", bare, claim)).toBe("v3|d1|cli|cli|operator||5||n||");
  });

  test.each([
    [{ token: "t", deviceToken: "d", bootstrapToken: "b" }, "t"],
    [{ deviceToken: "d", bootstrapToken: "b" }, "d"],
    [{ bootstrapToken: "b" }, "b"],
  ])("%j is signed as %s", (auth, signed) => {
    expect(buildSignaturePayload("v2", { ...connect, auth }, claim).split("|")[7]).toBe(signed);
  });

  test("lowers ASCII letters only", () => {
    const client = { id: "cli", mode: "cli", platform: "İOS", deviceFamily: "ÉA" };
    expect(buildSignaturePayload("v3", { client }, claim).endsWith("|İos|Éa")).toBe(true);
  });
});

describe("verifyDevice", () => {
  const key = newKey();
  const challenge = { nonce: NONCE, nowMs: NOW_MS };
  const proof = signDevice(key, connect, { nonce: NONCE, signedAtMs: NOW_MS });

  test.each(["v2", "v3"] as const)("accepts what signDevice makes in %s", (version) => {
    const made = signDevice(key, connect, { nonce: NONCE, signedAtMs: NOW_MS }, version);
    expect(verifyDevice(made, connect, challenge)).toEqual({ ok: true, version });
  });

  test("accepts the public key as PEM", () => {
    expect(verifyDevice({ ...proof, publicKey: key.pem }, connect, challenge).ok).toBe(true);
  });

  test.each([
    ["the edge of the past", NOW_MS + DEVICE_SIGNATURE_SKEW_MS, true],
    ["the edge of the future", NOW_MS - DEVICE_SIGNATURE_SKEW_MS, true],
    ["too old", NOW_MS + DEVICE_SIGNATURE_SKEW_MS + 1, false],
    ["from the future", NOW_MS - DEVICE_SIGNATURE_SKEW_MS - 1, false],
  ])("%s", (_name, nowMs, ok) => {
    expect(verifyDevice(proof, connect, { nonce: NONCE, nowMs }).ok).toBe(ok);
  });

  const refused: readonly (readonly [string, Partial<DeviceProof>, string])[] = [
    ["another device's id", { id: newKey().id }, "device-id-mismatch"],
    ["another device's key", { publicKey: newKey().publicKey }, "device-id-mismatch"],
    ["no key", { publicKey: "" }, "device-id-mismatch"],
    ["no time", { signedAt: Number.NaN }, "device-signature-stale"],
    ["no nonce", { nonce: " " }, "device-nonce-missing"],
    ["an old nonce", { nonce: "other" }, "device-nonce-mismatch"],
    ["no signature", { signature: "" }, "device-signature"],
    ["another time than signed", { signedAt: NOW_MS + 1 }, "device-signature"],
  ];
  test.each(refused)("%s is refused in the Gateway's words", (_name, change, reason) => {
    expect(verifyDevice({ ...proof, ...change }, connect, challenge)).toEqual({
      ok: false,
      reason,
    });
  });

  test("is bound to everything that was signed", () => {
    const others: readonly SignedConnect[] = [
      { ...connect, scopes: ["operator.admin"] },
      { ...connect, role: "node" },
      { ...connect, auth: { token: "other" } },
      { ...connect, client: { ...connect.client, platform: "darwin" } },
    ];
    for (const other of others) {
      expect(verifyDevice(proof, other, challenge)).toEqual({
        ok: false,
        reason: "device-signature",
      });
    }
  });

  test("a key that is no Ed25519 key is a bad signature, not an exception", () => {
    const publicKey = Buffer.from("short").toString("base64url");
    const odd = { ...proof, publicKey, id: deviceIdOf(publicKey) ?? "" };
    expect(verifyDevice(odd, connect, challenge)).toEqual({
      ok: false,
      reason: "device-signature",
    });
  });
});
