import type { Refusal } from "../gateway/connect.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";
import type { Connection, Trace } from "../trace/model.ts";
import type { FindingCode } from "./catalogue.ts";
import { diagnosePairing } from "./pairing.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { INVALID_HANDSHAKE, nameClient, nameScopes } from "./wording.ts";

type Verdict = Pick<FindingDraft, "code" | "why" | "fix">;

/** A connect that the Gateway answered with an error: its cause, by `details.code` or, where there is none, by its text. */
export function diagnoseConnectRefused(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  const { refusal, connectEntry, answerEntry } = connection.handshake;
  if (refusal === null) return [];
  const cause =
    diagnosePairing(connection, refusal) ??
    diagnoseCredential(connection, refusal, context) ??
    diagnoseDevice(connection, refusal) ??
    diagnoseProtocol(connection, refusal, context) ??
    diagnoseOther(refusal);
  return [
    {
      ...cause,
      title: `connect was refused: ${refusal.message}`,
      evidence: [connectEntry, answerEntry, connection.close?.entry ?? null],
    },
  ];
}

/** True when the refusal has that detail code or, for Gateways that send none, that text. */
function is(refusal: Refusal, detailCode: RegExp, message: RegExp): boolean {
  return refusal.detailCode === null
    ? message.test(refusal.message)
    : detailCode.test(refusal.detailCode);
}

function diagnoseCredential(
  connection: Connection,
  refusal: Refusal,
  { profile, trace }: RuleContext,
): Verdict | null {
  const connect = connection.handshake.connect;
  const kinds = connect?.authKinds ?? [];
  if (is(refusal, /^AUTH_RATE_LIMITED$/, /too many failed/)) {
    return verdict(
      "rate-limited",
      "The Gateway counted too many failed attempts from this address and now refuses even the right credential.",
      "Wait, then connect with the right credential; the limits are in gateway.auth.rateLimit.",
    );
  }
  if (is(refusal, /^AUTH_SCOPE_MISMATCH$/, /device token scope mismatch/)) {
    return verdict(
      "credential-scope-mismatch",
      `The device token was issued for fewer scopes than this connect asks for: ${nameScopes(connect?.scopes ?? null)}.`,
      "Ask for scopes that the token covers, or connect with the shared token and approve the upgrade with: openclaw devices approve <requestId>",
    );
  }
  if (is(refusal, /^AUTH_(TOKEN|PASSWORD)_MISSING$/, /(token|password) missing/)) {
    return verdict(
      "credential-missing",
      "The Gateway wants a shared token or password, and the connect carries none.",
      "Send it in connect.params.auth; with OpenClaw's own clients set OPENCLAW_GATEWAY_TOKEN or gateway.remote.token.",
    );
  }
  if (is(refusal, /^AUTH_DEVICE_TOKEN_MISMATCH$/, /device token mismatch/))
    return judgeDeviceToken(connection, trace, profile);
  if (is(refusal, /^AUTH_BOOTSTRAP_TOKEN_INVALID$/, /bootstrap token|setup code/)) {
    return verdict(
      "credential-wrong",
      "The setup code is wrong, expired, revoked or already used.",
      "Create a fresh setup code and pair again.",
    );
  }
  if (is(refusal, /^AUTH_(TOKEN|PASSWORD)_MISMATCH$/, /(token|password) mismatch/)) {
    return verdict(
      "credential-wrong",
      `The ${kinds.join(" and ") || "credential"} in the connect is not the one in the Gateway's configuration.${mentionDeviceToken(connection, profile)}`,
      "Compare the client's OPENCLAW_GATEWAY_TOKEN or gateway.remote.token with gateway.auth.token on the Gateway's host.",
    );
  }
  return null;
}

// Some versions refuse a device's own token in auth.token that covers too few scopes in the very words of a wrong token.
function mentionDeviceToken({ handshake: { connect } }: Connection, profile: Profile): string {
  const mayBeDeviceToken =
    profile.namesScopeMismatch !== true &&
    connect?.device !== null &&
    connect?.authKinds.includes("token") === true &&
    (connect.scopes?.length ?? 0) > 0;
  return mayBeDeviceToken
    ? ` If it is the device's own token, its scopes may be the cause: ${describeMisleading()} refuse a device token that covers fewer scopes than the connect asks for (${nameScopes(connect.scopes)}) in the same words.`
    : "";
}

// The same versions tell a paired device that asks for more than its token covers "device token mismatch".
function judgeDeviceToken(
  { handshake: { connect } }: Connection,
  { connections }: Trace,
  profile: Profile,
): Verdict {
  const scopes = nameScopes(connect?.scopes ?? null);
  // Where no hello-ok tells the version, the Gateway may be one of those that do not tell the two apart.
  const isUnknown = connections.every(({ handshake }) => handshake.hello === null);
  return (isUnknown || profile.namesScopeMismatch !== true) &&
    (connect?.scopes?.length ?? 0) > 0 &&
    connect?.device !== null
    ? verdict(
        "credential-misleading",
        `${describeMisleading()} say "device token mismatch" both for a wrong token and for a right one that covers fewer scopes than the connect asks for (${scopes}).${isUnknown ? " Which version this one is, the recording does not show." : ""}`,
        "Connect with the same device token and fewer scopes: if that works, the scopes are the cause; then approve the upgrade or rotate the token with the scopes wanted.",
      )
    : verdict(
        "credential-wrong",
        "The device token is not the one that the Gateway issued to this device, or it was rotated or revoked.",
        "Pair the device again, or rotate its token with: openclaw devices rotate --device <id> --role operator",
      );
}

function diagnoseDevice(connection: Connection, refusal: Refusal): Verdict | null {
  if (is(refusal, /DEVICE_IDENTITY_REQUIRED$/, /device identity/)) {
    const noCredential = (connection.handshake.connect?.authKinds.length ?? 0) === 0;
    return verdict(
      "device-identity-required",
      refusal.detailCode === "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"
        ? "The Control UI must send a device identity, which a browser can only make in a secure context."
        : noCredential
          ? "The connect carries neither a device identity nor a credential. The Gateway names only the first, so this says nothing about the token."
          : `A ${nameClient(connection)} client with this role or credential must send a device identity.`,
      refusal.detailCode === "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"
        ? "Open the Control UI over HTTPS or on localhost."
        : noCredential
          ? "Send the shared token in connect.params.auth.token, or a signed device identity in connect.params.device."
          : "Send a signed device identity in connect.params.device.",
    );
  }
  if (!is(refusal, /^DEVICE_AUTH_/, /^device (identity mismatch|signature|nonce|public key)/))
    return null;
  return verdict(
    "device-proof-invalid",
    explainProof(refusal),
    "Sign the nonce of this connection's connect.challenge with the device's own key, just before sending connect.",
  );
}

function explainProof({ detailCode, message }: Refusal): string {
  const text = `${detailCode ?? ""} ${message}`;
  if (/DEVICE_ID_MISMATCH|identity mismatch/.test(text))
    return "device.id is not the SHA-256 of the public key that was sent.";
  if (/SIGNATURE_EXPIRED|signature expired/.test(text)) {
    return "device.signedAt is more than 120 seconds away from the Gateway's clock: an old signature, or a wrong clock.";
  }
  if (/NONCE_REQUIRED|nonce required/.test(text)) return "The device block carries no nonce.";
  if (/NONCE_MISMATCH|nonce mismatch/.test(text))
    return "The signed nonce is not the one of this connection's connect.challenge.";
  return "The signature does not match the signed payload: another key, or fields that differ from what was sent.";
}

function diagnoseProtocol(
  connection: Connection,
  refusal: Refusal,
  { profile }: RuleContext,
): Verdict | null {
  if (is(refusal, /^PROTOCOL_MISMATCH$/, /^protocol mismatch/)) {
    const connect = connection.handshake.connect;
    const expected = expectedProtocol(refusal) ?? profile.protocol;
    const spoken = expected === NOT_MEASURED ? "another" : expected;
    return /reload this page/.test(refusal.message)
      ? verdict(
          "protocol-mismatch",
          "The Control UI page belongs to another build than the Gateway.",
          "Reload the page.",
        )
      : verdict(
          "protocol-mismatch",
          `The client speaks protocol ${connect?.minProtocol ?? "?"} to ${connect?.maxProtocol ?? "?"}, the Gateway ${spoken}.`,
          `Update the older of the two.${nameProtocols()}`,
        );
  }
  if (is(refusal, /^CONTROL_UI_ORIGIN_NOT_ALLOWED$/, /^origin not allowed/)) {
    return verdict(
      "origin-not-allowed",
      `The Gateway does not allow the origin ${connection.upgrade?.origin ?? "(no Origin header)"} for a ${nameClient(connection)} client.`,
      "Add the origin to gateway.controlUi.allowedOrigins, or open the Control UI from the Gateway's own address.",
    );
  }
  return null;
}

/** Which versions do not tell a token with too few scopes from a wrong one. */
function describeMisleading(): string {
  return describeVersions(({ namesScopeMismatch }) =>
    namesScopeMismatch === NOT_MEASURED ? NOT_MEASURED : !namesScopeMismatch,
  );
}

/** Which measured versions speak which protocol. */
function nameProtocols(): string {
  const protocols = new Set(measuredProfiles().map(({ protocol }) => protocol));
  const spoken = [...protocols].map((number) => {
    const versions = measuredProfiles().filter(({ protocol }) => protocol === number);
    return ` Protocol ${number} was measured on OpenClaw ${versions.map(({ version }) => version).join(", ")}.`;
  });
  return spoken.join("");
}

function expectedProtocol({ details }: Refusal): number | null {
  if (typeof details !== "object" || details === null || !("expectedProtocol" in details))
    return null;
  return typeof details.expectedProtocol === "number" ? details.expectedProtocol : null;
}

function diagnoseOther(refusal: Refusal): Verdict {
  if (refusal.code === "UNAVAILABLE") {
    return verdict(
      "gateway-starting",
      "The Gateway was still starting, or shutting down.",
      "Connect again in a few seconds.",
    );
  }
  if (INVALID_HANDSHAKE.test(refusal.message)) {
    return verdict(
      "invalid-handshake",
      "The first frame is not a connect request that this Gateway version accepts.",
      "Send a connect request with the fields of this Gateway's protocol version first.",
    );
  }
  return verdict(
    "connect-refused",
    `The Gateway answered ${refusal.code}${refusal.detailCode === null ? "" : ` (${refusal.detailCode})`}.`,
    "Look at the refused connect and the Gateway's log at that time.",
  );
}

function verdict(code: FindingCode, why: string, fix: string): Verdict {
  return { code, why, fix };
}
