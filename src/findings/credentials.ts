import type { AuthKind, Refusal } from "../gateway/connect.ts";
import type { Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { refusesAs, type Cause, type RuleContext } from "./rule.ts";
import { nameRequested, nameScopes } from "./wording.ts";

/** How a credential is called in a sentence. */
const NAMES: Readonly<Record<AuthKind, string>> = {
  token: "a token (auth.token)",
  password: "a password (auth.password)",
  deviceToken: "a device token (auth.deviceToken)",
  bootstrapToken: "a setup code (auth.bootstrapToken)",
};

/** A connect refused for its credential; null when it was refused for another reason. */
export function diagnoseCredential(
  connection: Connection,
  refusal: Refusal,
  { profile, trace }: RuleContext,
): Cause | null {
  if (refusesAs(refusal, /^AUTH_RATE_LIMITED$/, /too many failed/)) {
    return {
      code: "rate-limited",
      why: "The Gateway counted too many failed attempts from this address with this kind of credential, and for a while refuses even the right one.",
      fix: "Wait, then connect with the right credential, or connect with the right one of another kind; the limits are in gateway.auth.rateLimit.",
    };
  }
  if (refusesAs(refusal, /^AUTH_SCOPE_MISMATCH$/, /device token scope mismatch/)) {
    return {
      code: "credential-scope-mismatch",
      why: `The device token was issued for fewer scopes than this connect asks for: ${nameRequested(connection)}.`,
      fix: "Ask for scopes that the token covers, or connect with the shared token and approve the upgrade with: openclaw devices approve <requestId>",
    };
  }
  if (refusesAs(refusal, /^AUTH_(TOKEN|PASSWORD)_MISSING$/, /(token|password) missing/))
    return judgeMissing(connection, refusal);
  if (refusesAs(refusal, /^AUTH_DEVICE_TOKEN_MISMATCH$/, /device token mismatch/))
    return judgeDeviceToken(connection, trace, profile);
  if (refusesAs(refusal, /^AUTH_BOOTSTRAP_TOKEN_INVALID$/, /bootstrap token|setup code/)) {
    return {
      code: "credential-wrong",
      why: "The setup code is wrong, expired, revoked or already used.",
      fix: "Create a fresh setup code and pair again.",
    };
  }
  return refusesAs(refusal, /^AUTH_(TOKEN|PASSWORD)_MISMATCH$/, /(token|password) mismatch/)
    ? judgeWrong(connection, refusal, profile)
    : null;
}

/** Which of the two shared credentials the Gateway goes by, as its refusal says. */
function wantedKind({ detailCode, message }: Refusal): "token" | "password" {
  return /PASSWORD/i.test(detailCode ?? message) ? "password" : "token";
}

function judgeMissing({ handshake }: Connection, refusal: Refusal): Cause {
  const wanted = wantedKind(refusal);
  const sent = handshake.connect?.authKinds ?? [];
  const carries =
    sent.length === 0 ? "none" : `${sent.map((kind) => NAMES[kind]).join(" and ")} instead`;
  const configured =
    wanted === "token"
      ? "with OpenClaw's own clients set OPENCLAW_GATEWAY_TOKEN or gateway.remote.token"
      : "with OpenClaw's own clients set OPENCLAW_GATEWAY_PASSWORD or gateway.remote.password";
  return {
    code: "credential-missing",
    why: `The Gateway wants its shared ${wanted}, and the connect carries ${carries}.`,
    fix: `Send the Gateway's ${wanted} in connect.params.auth.${wanted}; ${configured}.`,
  };
}

function judgeWrong(connection: Connection, refusal: Refusal, profile: Profile): Cause {
  const wanted = wantedKind(refusal);
  const sent = connection.handshake.connect?.authKinds ?? [];
  const name = wanted.toUpperCase();
  return {
    code: "credential-wrong",
    why: `The ${sent.join(" and ") || "credential"} in the connect is not the ${wanted} in the Gateway's configuration.${mentionDeviceToken(connection, profile)}`,
    fix: `Compare the client's OPENCLAW_GATEWAY_${name} or gateway.remote.${wanted} with gateway.auth.${wanted} on the Gateway's host.`,
  };
}

// Some versions refuse a device's own token in auth.token that covers too few scopes in the very words of a wrong token.
function mentionDeviceToken({ handshake: { connect } }: Connection, profile: Profile): string {
  const mayBeDeviceToken =
    profile.namesScopeMismatch !== true &&
    connect?.device !== null &&
    connect?.authKinds.includes("token") === true &&
    (connect.scopes?.length ?? 0) > 0;
  return mayBeDeviceToken
    ? ` If it is the device's own token, its scopes may be the cause: a device token that covers fewer scopes than the connect asks for (${nameScopes(connect.scopes)}) is refused in the same words on ${describeVersions("namesScopeMismatch", false)}.`
    : "";
}

// The same versions tell a paired device that asks for more than its token covers "device token mismatch".
function judgeDeviceToken(
  { handshake: { connect } }: Connection,
  { connections }: Trace,
  profile: Profile,
): Cause {
  const scopes = nameScopes(connect?.scopes ?? null);
  // Where no hello-ok tells the version, the Gateway may be one of those that do not tell the two apart.
  const isUnknown = connections.every(({ handshake }) => handshake.hello === null);
  const mayBeScopes =
    (isUnknown || profile.namesScopeMismatch !== true) &&
    (connect?.scopes?.length ?? 0) > 0 &&
    connect?.device !== null;
  if (!mayBeScopes) {
    return {
      code: "credential-wrong",
      why: "The device token is not the one that the Gateway issued to this device, or it was rotated or revoked.",
      fix: "Pair the device again, or rotate its token with: openclaw devices rotate --device <id> --role operator",
    };
  }
  return {
    code: "credential-misleading",
    why: `"device token mismatch" is said both of a wrong token and of a right one that covers fewer scopes than the connect asks for (${scopes}) on ${describeVersions("namesScopeMismatch", false)}.${isUnknown ? " Which version this one is, the recording does not show." : ""}`,
    fix: "Connect with the same device token and fewer scopes: if that works, the scopes are the cause; then approve the upgrade or rotate the token with the scopes wanted.",
  };
}
