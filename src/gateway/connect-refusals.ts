import type {
  Circumstances,
  ConnectDecision,
  ConnectQuestion,
  WireError,
} from "./connect-question.ts";
import { isScreen, type ConnectRules } from "./connect-rules.ts";

type Refused = Extract<ConnectDecision, { kind: "refused" }>;

/** Why credentials were not good enough, in the Gateway's own words (`error.details.authReason`). */
export type AuthReason =
  | "token_missing"
  | "token_mismatch"
  | "password_missing"
  | "password_mismatch"
  | "device_token_mismatch"
  | "scope_mismatch";

/** Why a device has to be approved (`error.details.reason`). */
export type PairingReason = "not-paired" | "role-upgrade" | "scope-upgrade" | "metadata-upgrade";

const DEVICE_AUTH = {
  "device-id-mismatch": ["DEVICE_AUTH_DEVICE_ID_MISMATCH", "device identity mismatch"],
  "device-signature-stale": ["DEVICE_AUTH_SIGNATURE_EXPIRED", "device signature expired"],
  "device-nonce-missing": ["DEVICE_AUTH_NONCE_REQUIRED", "device nonce required"],
  "device-nonce-mismatch": ["DEVICE_AUTH_NONCE_MISMATCH", "device nonce mismatch"],
  "device-signature": ["DEVICE_AUTH_SIGNATURE_INVALID", "device signature invalid"],
} as const;

const PAIRING: Readonly<Record<PairingReason, readonly [requirement: string, hint: string]>> = {
  "not-paired": [
    "device is not approved yet",
    "Approve this device from the pending pairing requests.",
  ],
  "role-upgrade": [
    "device is asking for a higher role than currently approved",
    "Review the requested role upgrade, then approve the pending request.",
  ],
  "scope-upgrade": [
    "device is asking for more scopes than currently approved",
    "Review the requested scopes, then approve the pending upgrade.",
  ],
  "metadata-upgrade": [
    "device identity changed and must be re-approved",
    "Review the refreshed device details, then approve the pending request.",
  ],
};

/** A close reason is at most 123 bytes (RFC 6455, section 5.5); Gateways cut theirs at 120. */
function cutCloseReason(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 120 ? reason : bytes.subarray(0, 120).toString();
}

/** A refusal: the error answer, then the close. */
export function refuse(error: WireError, code = 1008, reason: string = error.message): Refused {
  return { kind: "refused", error, close: { code, reason: cutCloseReason(reason) }, pends: false };
}

/** The protocol range excludes the Gateway's (`protocol`). */
export function refuseProtocol(
  question: ConnectQuestion,
  protocol: number,
  rules: ConnectRules,
): Refused {
  const details = rules.namesProtocolRange
    ? {
        code: "PROTOCOL_MISMATCH",
        clientMinProtocol: question.minProtocol,
        clientMaxProtocol: question.maxProtocol,
        expectedProtocol: protocol,
        minimumProbeProtocol: protocol - 1,
      }
    : { expectedProtocol: protocol };
  return refuse({ code: "INVALID_REQUEST", message: "protocol mismatch", details }, 1002);
}

/** The Origin is not one that the Gateway lets in. */
export function refuseOrigin(reason: "origin not allowed" | "origin missing or invalid"): Refused {
  return refuse({
    code: "INVALID_REQUEST",
    message:
      "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)",
    details: { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason },
  });
}

/** There is no device identity where one is needed. */
export function refuseMissingDevice(isUi: boolean): Refused {
  return isUi
    ? refuse({
        code: "INVALID_REQUEST",
        message: "control ui requires device identity (use HTTPS or localhost secure context)",
        details: { code: "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" },
      })
    : refuse({
        code: "NOT_PAIRED",
        message: "device identity required",
        details: { code: "DEVICE_IDENTITY_REQUIRED" },
      });
}

/** The device's proof does not hold. */
export function refuseDeviceProof(reason: keyof typeof DEVICE_AUTH): Refused {
  const [code, message] = DEVICE_AUTH[reason];
  return refuse({ code: "INVALID_REQUEST", message, details: { code, reason } });
}

/** The credentials are not good enough. */
export function refuseCredentials(
  question: ConnectQuestion,
  circumstances: Circumstances,
  rules: ConnectRules,
  authReason: AuthReason,
): Refused {
  const { token, deviceToken, password } = question.credentials;
  const canRetryWithDeviceToken =
    authReason === "token_mismatch" &&
    question.device !== null &&
    password === "absent" &&
    token !== "absent" &&
    deviceToken === "absent";
  const details = {
    code: `AUTH_${authReason.toUpperCase()}`,
    authReason,
    canRetryWithDeviceToken,
    recommendedNextStep: canRetryWithDeviceToken ? "retry_with_device_token" : nextStep(authReason),
  };
  const isLocal = rules.hintsLocally && circumstances.peerIsLoopback === true;
  const message = `unauthorized: ${describe(authReason, question, rules, isLocal)}`;
  return refuse({ code: "INVALID_REQUEST", message, details });
}

function nextStep(reason: AuthReason): string {
  if (reason.endsWith("_missing")) return "update_auth_configuration";
  return reason === "scope_mismatch" ? "review_auth_configuration" : "update_auth_credentials";
}

function describe(
  reason: AuthReason,
  { client }: ConnectQuestion,
  rules: ConnectRules,
  isLocal: boolean,
): string {
  const kind =
    client.mode === "cli" ? (isLocal ? "local" : "cli") : isScreen(client, rules) ? "ui" : "other";
  switch (reason) {
    case "device_token_mismatch":
      return "device token mismatch (rotate/reissue device token)";
    case "scope_mismatch":
      return "device token scope mismatch (re-pair or approve scope upgrade)";
    case "password_missing":
    case "password_mismatch":
      return `gateway ${reason.replace("_", " ")} (${PASSWORD_HINTS[kind]})`;
    case "token_missing":
    case "token_mismatch": {
      const isNewUi = kind === "ui" && reason === "token_missing" && rules.hintsLocally;
      return `gateway ${reason.replace("_", " ")} (${isNewUi ? NEW_UI_HINT : TOKEN_HINTS[kind]})`;
    }
  }
}

const NEW_UI_HINT =
  "paste in Control UI settings or openclaw doctor --generate-gateway-token; restart";

const TOKEN_HINTS = {
  local: "use this gateway's gateway.auth.token or pair the device",
  cli: "set gateway.remote.token to match gateway.auth.token",
  ui: "open the dashboard URL and paste the token in Control UI settings",
  other: "provide gateway auth token",
} as const;

const PASSWORD_HINTS = {
  local: "use this gateway's gateway.auth.password",
  cli: "set gateway.remote.password to match gateway.auth.password",
  ui: "enter the password in Control UI settings",
  other: "provide gateway auth password",
} as const;

/** The device has to be approved first. The request's id is new in every run: `requestId` is the caller's. */
export function refusePairing(
  question: ConnectQuestion,
  rules: ConnectRules,
  reason: PairingReason,
  approved: { readonly roles: readonly string[]; readonly scopes: readonly string[] } | null,
  requestId: string,
): Refused {
  const [requirement, remediationHint] = PAIRING[reason];
  const message = `pairing required: ${requirement}`;
  const waits =
    rules.uiWaitsForApproval &&
    question.role === "operator" &&
    rules.operatorUis.includes(question.client.id);
  const keepsEmpty = !rules.leavesOutEmptyLists;
  const details = {
    code: "PAIRING_REQUIRED",
    reason,
    requestId,
    remediationHint,
    ...(waits
      ? { recommendedNextStep: "wait_then_retry", retryable: true, pauseReconnect: false }
      : {}),
    deviceId: question.device?.id,
    requestedRole: question.role,
    ...(question.scopes.length > 0 || keepsEmpty ? { requestedScopes: question.scopes } : {}),
    ...(approved !== null && approved.roles.length > 0 ? { approvedRoles: approved.roles } : {}),
    ...(approved !== null && approved.scopes.length > 0 ? { approvedScopes: approved.scopes } : {}),
  };
  return {
    ...refuse(
      { code: "NOT_PAIRED", message, details },
      1008,
      `${message} (requestId: ${requestId})`,
    ),
    pends: true,
  };
}
