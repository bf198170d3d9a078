import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { DeviceKey } from "../../../src/gateway/device.ts";

// RFC 8410, section 4: twelve bytes of DER precede the raw key.
const SPKI_PREFIX_BYTES = 12;
// RFC 8410, section 7: the DER before the 32 bytes of a private key.
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A device identity as OpenClaw keeps it in `identity/device.json`. */
export interface DeviceIdentity {
  readonly deviceId: string;
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

/** A device identity that no Gateway has seen. */
export function newDeviceKey(): DeviceKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return deviceKeyFromPem(String(privateKey.export({ type: "pkcs8", format: "pem" })));
}

/** The private key of a device that has the same identity in every run: a replay is given the client that was recorded. */
export function devicePem(name: string): string {
  const seed = createHash("sha256").update(`gw-trace test device ${name}`).digest();
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    type: "pkcs8",
    format: "der",
  });
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

/** The device identity of a private key in PEM. */
export function deviceKeyFromPem(pem: string): DeviceKey {
  const privateKey = createPrivateKey(pem);
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const raw = der.subarray(SPKI_PREFIX_BYTES);
  return {
    id: createHash("sha256").update(raw).digest("hex"),
    publicKey: raw.toString("base64url"),
    privateKey,
  };
}

/** The identity of a private key in PEM, as OpenClaw's own code takes it. */
export function deviceIdentityFromPem(privateKeyPem: string): DeviceIdentity {
  const publicKeyPem = createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" });
  const { id } = deviceKeyFromPem(privateKeyPem);
  return { deviceId: id, publicKeyPem: String(publicKeyPem), privateKeyPem };
}
