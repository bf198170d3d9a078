import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { parseConnect } from "../../gateway/connect.ts";
import { deviceKeyOf, signDevice, type DeviceKey } from "../../gateway/device.ts";
import { parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";

/** What a recorded client has to be given anew: recordings hold no credentials, and a signature is good for one challenge. */
export interface ClientMeans {
  readonly credentials: { readonly token?: string; readonly password?: string };
  /** The identity of every recorded client that had one; null for a fresh one each. */
  readonly device: DeviceKey | null;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
}

/**
 * Makes recorded `connect` params fit for a live Gateway: its credentials in the place of the recorded ones, and the device's proof
 * for the live challenge. A client that had no device, or no credential, gets none.
 */
export function createConnectPreparer(
  means: ClientMeans,
): (params: JsonObject, challenge: { readonly nonce: string }) => JsonObject {
  const keys = new Map<string, DeviceKey>();
  const keyOf = (recordedId: string): DeviceKey => {
    const key = means.device ?? keys.get(recordedId) ?? newDeviceKey();
    keys.set(recordedId, key);
    return key;
  };
  return (recorded, { nonce }) => {
    const { auth: _auth, device: _device, ...rest } = recorded;
    const connect = parseConnect(recorded);
    const hadAuth =
      (connect?.authKinds.length ?? 0) > 0 && Object.keys(means.credentials).length > 0;
    const params = hadAuth ? { ...rest, auth: means.credentials } : rest;
    const recordedId = connect?.device?.id ?? null;
    if (connect === null || recordedId === null) return params;
    // What is signed is what is sent: an absent field stays absent.
    const { id, mode, platform, deviceFamily } = connect.client;
    const signed = {
      client: { id, mode, platform, deviceFamily: deviceFamily ?? undefined },
      role: connect.role,
      scopes: connect.scopes ?? [],
      auth: hadAuth ? { token: means.credentials.token } : {},
    };
    const challenge = { nonce, signedAtMs: means.nowMs() };
    return { ...params, device: { ...signDevice(keyOf(recordedId), signed, challenge) } };
  };
}

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
