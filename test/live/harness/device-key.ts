import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { DeviceKey } from "../../../src/gateway/device.ts";

// RFC 8410, section 4: twelve bytes of DER precede the raw key.
const SPKI_PREFIX_BYTES = 12;

/** A device identity that no Gateway has seen. */
export function newDeviceKey(): DeviceKey {
  return deviceKeyFromPem(newDevicePem());
}

/** The same as text that another process can be given. */
export function newDevicePem(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
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
