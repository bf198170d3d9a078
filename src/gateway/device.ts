import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** Which layout of the signed text: v3 adds platform and device family, v2 is what older clients still send. */
export type SignatureVersion = "v2" | "v3";

/** A device's identity: an Ed25519 key pair, and the id that its public half hashes to. */
export interface DeviceKey {
  readonly id: string;
  /** The 32 raw bytes in base64url, as it goes over the wire. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** `connect.params.device`: the identity, proven for one challenge. */
export interface DeviceProof {
  readonly id: string;
  readonly publicKey: string;
  readonly signature: string;
  /** Milliseconds since the Unix epoch. */
  readonly signedAt: number;
  readonly nonce: string;
}

/** The part of `connect.params` that a device signs. */
export interface SignedConnect {
  readonly client: {
    readonly id: string;
    readonly mode: string;
    readonly platform?: string | undefined;
    readonly deviceFamily?: string | undefined;
  };
  readonly role?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly auth?:
    | {
        readonly token?: string | undefined;
        readonly deviceToken?: string | undefined;
        readonly bootstrapToken?: string | undefined;
      }
    | undefined;
}

/** Whether a proof holds; the reasons are the Gateway's own words (`error.details.reason`). */
export type DeviceVerdict =
  | { readonly ok: true; readonly version: SignatureVersion }
  | {
      readonly ok: false;
      readonly reason:
        | "device-id-mismatch"
        | "device-signature-stale"
        | "device-nonce-missing"
        | "device-nonce-mismatch"
        | "device-signature";
    };

/** How far `signedAt` may be from the Gateway's clock, in either direction. */
export const DEVICE_SIGNATURE_SKEW_MS = 120_000;

// RFC 8410, section 4: the DER that precedes the 32 raw bytes of an Ed25519 public key.
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The device identity of an Ed25519 private key. */
export function deviceKeyOf(privateKey: KeyObject): DeviceKey {
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" }).x ?? "";
  const id = createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex");
  return { id, publicKey, privateKey };
}

/** The device id: SHA-256 of the raw Ed25519 public key, in hex. Takes base64url or PEM, as Gateways do; null for an empty or unreadable key. */
export function deviceIdOf(publicKey: string): string | null {
  const raw = rawKey(publicKey);
  return raw === null ? null : createHash("sha256").update(raw).digest("hex");
}

/** The text that a device signs (OpenClaw docs, gateway/protocol: device auth). An absent role is signed as `operator`. */
export function buildSignaturePayload(
  version: SignatureVersion,
  connect: SignedConnect,
  proof: Pick<DeviceProof, "id" | "signedAt" | "nonce">,
): string {
  const { client, auth } = connect;
  const fields = [
    version,
    proof.id,
    client.id,
    client.mode,
    connect.role ?? "operator",
    (connect.scopes ?? []).join(","),
    String(proof.signedAt),
    // The first credential present, in this order; a password is never signed.
    auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? "",
    proof.nonce,
  ];
  if (version === "v3") fields.push(plain(client.platform), plain(client.deviceFamily));
  return fields.join("|");
}

/** Proves a device identity for one challenge. The clock is the caller's. */
export function signDevice(
  key: DeviceKey,
  connect: SignedConnect,
  challenge: { readonly nonce: string; readonly signedAtMs: number },
  version: SignatureVersion = "v3",
): DeviceProof {
  const claim = { id: key.id, signedAt: challenge.signedAtMs, nonce: challenge.nonce };
  const payload = buildSignaturePayload(version, connect, claim);
  const signature = sign(null, Buffer.from(payload), key.privateKey).toString("base64url");
  return { ...claim, publicKey: key.publicKey, signature };
}

/** Checks a proof as a Gateway does and in its order: id, age, nonce, then the signature in v3 and in v2. Never throws. */
export function verifyDevice(
  proof: DeviceProof,
  connect: SignedConnect,
  challenge: { readonly nonce: string; readonly nowMs: number },
): DeviceVerdict {
  if (deviceIdOf(proof.publicKey) !== proof.id) return { ok: false, reason: "device-id-mismatch" };
  // Written so that a `signedAt` of NaN is stale too.
  if (!(Math.abs(challenge.nowMs - proof.signedAt) <= DEVICE_SIGNATURE_SKEW_MS)) {
    return { ok: false, reason: "device-signature-stale" };
  }
  const nonce = proof.nonce.trim();
  if (nonce === "") return { ok: false, reason: "device-nonce-missing" };
  if (nonce !== challenge.nonce) return { ok: false, reason: "device-nonce-mismatch" };
  for (const version of ["v3", "v2"] as const) {
    const payload = buildSignaturePayload(version, connect, { ...proof, nonce });
    if (isSignedBy(proof.publicKey, payload, proof.signature)) return { ok: true, version };
  }
  return { ok: false, reason: "device-signature" };
}

function isSignedBy(publicKey: string, payload: string, signature: string): boolean {
  const raw = rawKey(publicKey);
  if (raw === null) return false;
  try {
    const der = Buffer.concat([SPKI_PREFIX, raw]);
    const key = createPublicKey({ key: der, type: "spki", format: "der" });
    return verify(null, Buffer.from(payload), key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

function rawKey(publicKey: string): Buffer | null {
  if (!publicKey.includes("BEGIN")) {
    const raw = Buffer.from(publicKey, "base64url");
    return raw.length === 0 ? null : raw;
  }
  try {
    const der = createPublicKey(publicKey).export({ type: "spki", format: "der" });
    return der.subarray(SPKI_PREFIX.length);
  } catch {
    return null;
  }
}

// Gateways trim and lower ASCII letters only, so that both sides agree in every locale.
function plain(value: string | undefined): string {
  return (value ?? "").trim().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
