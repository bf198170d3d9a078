import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import type { DeviceKey } from "../../gateway/device.ts";
import { parseJsonObject } from "../../gateway/json-object.ts";

/** Makes a device identity that no Gateway has seen. */
export function newDeviceKey(): DeviceKey {
  return deviceKeyOf(generateKeyPairSync("ed25519").privateKey);
}

/** Reads the device identity that OpenClaw keeps in `identity/device.json` of its state folder; null when the text is no such file. */
export function parseDeviceIdentity(text: string): DeviceKey | null {
  const pem = parseJsonObject(text)?.["privateKeyPem"];
  if (typeof pem !== "string") return null;
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === "ed25519" ? deviceKeyOf(key) : null;
  } catch {
    return null;
  }
}

function deviceKeyOf(privateKey: KeyObject): DeviceKey {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = jwk.x ?? "";
  const id = createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex");
  return { id, publicKey, privateKey };
}
