import type { Refusal } from "../gateway/connect.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Connection } from "../trace/model.ts";
import { refusesAs, type Advice, type Cause, type RuleContext } from "./rule.ts";
import { nameClient } from "./wording.ts";

/** A connect refused for its device identity, or for having none; null when it was refused for another reason. */
export function diagnoseDevice(
  connection: Connection,
  refusal: Refusal,
  { profile }: RuleContext,
): Cause | null {
  if (refusesAs(refusal, /DEVICE_IDENTITY_REQUIRED$/, /device identity/)) {
    return { code: "device-identity-required", ...judgeNoDevice(connection, refusal) };
  }
  const message = /^device (identity mismatch|signature|nonce|public key)/;
  return refusesAs(refusal, /^DEVICE_AUTH_/, message)
    ? { code: "device-proof-invalid", ...judgeProof(connection, refusal, profile) }
    : null;
}

function judgeNoDevice(connection: Connection, { detailCode }: Refusal): Advice {
  if (detailCode === "CONTROL_UI_DEVICE_IDENTITY_REQUIRED") {
    return {
      why: "The Control UI must send a device identity, which a browser can only make in a secure context.",
      fix: "Open the Control UI over HTTPS or on localhost.",
    };
  }
  const { connect } = connection.handshake;
  if ((connect?.authKinds.length ?? 0) > 0) {
    return {
      why: `A ${nameClient(connection)} client with this role or credential must send a device identity.`,
      fix: "Send a signed device identity in connect.params.device.",
    };
  }
  return {
    why: "The connect carries neither a device identity nor a credential. The Gateway names only the first, so this says nothing about the token.",
    fix: "Send the Gateway's shared token or password in connect.params.auth; a device identity alone is not enough.",
  };
}

function judgeProof(connection: Connection, refusal: Refusal, profile: Profile): Advice {
  const text = `${refusal.detailCode ?? ""} ${refusal.message}`;
  const sign =
    "Sign the nonce of this connection's connect.challenge with the device's own key, just before sending connect.";
  if (/DEVICE_ID_MISMATCH|identity mismatch/.test(text)) {
    return {
      why: "device.id is not the SHA-256 of the public key that was sent.",
      fix: "Send as device.id the SHA-256 of the raw public key, in hexadecimal.",
    };
  }
  if (/SIGNATURE_EXPIRED|signature expired/.test(text)) return judgeAge(connection, profile, sign);
  if (/NONCE_REQUIRED|nonce required/.test(text))
    return { why: "The device block carries no nonce.", fix: sign };
  if (/NONCE_MISMATCH|nonce mismatch/.test(text)) {
    const why = "The signed nonce is not the one of this connection's connect.challenge.";
    return { why, fix: sign };
  }
  return {
    why: "The signature does not match the signed payload: another key, or fields that differ from what was sent.",
    fix: sign,
  };
}

// The challenge's time is the Gateway's: a new signature that is far from it comes from a clock that is wrong.
function judgeAge({ handshake: { proof } }: Connection, profile: Profile, sign: string): Advice {
  const limitMs = profile.clockSkewMs;
  const limit = limitMs === NOT_MEASURED ? "" : ` (at most ${limitMs / 1000} s are allowed)`;
  const aheadMs = proof?.aheadMs ?? null;
  if (proof === null || aheadMs === null) {
    return {
      why: `device.signedAt is too far from the Gateway's clock${limit}: an old signature, or a wrong clock. The recording does not show which.`,
      fix: `${sign} If it is new, set the client's clock right.`,
    };
  }
  const apart = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs < 0 ? "behind" : "ahead of"}`;
  const where = `device.signedAt is ${apart} the ts of this connection's connect.challenge${limit}`;
  return proof.isForChallenge
    ? {
        why: `${where}, while the nonce is the right one: the signature is new, and the client's clock is wrong.`,
        fix: "Set the client's clock right, or use the challenge's ts for device.signedAt; to sign again changes nothing.",
      }
    : {
        why: `${where}, and the nonce is not the challenge's: the signature was made for another connection.`,
        fix: sign,
      };
}
