import { refuseCredentials, type AuthReason } from "./connect-refusals.ts";
import type { ConnectCase, ConnectDecision } from "./connect-question.ts";
import { sharedCredential, type ConnectRules } from "./connect-rules.ts";
import { coversScopes } from "./scope-lists.ts";

/** Credentials that are good, and which of them counted (`hello-ok.auth.method`). */
export interface Authenticated {
  readonly method: "token" | "password" | "device-token" | "none";
}

/** Decides on the credentials of a client whose device identity holds, or that needs none. */
export function decideCredentials(
  the: ConnectCase,
  rules: ConnectRules,
): Authenticated | ConnectDecision {
  const { question, circumstances } = the;
  const { authMode } = circumstances;
  const { token, deviceToken, bootstrapToken } = question.credentials;
  if (authMode === null) return unknown("how the Gateway authenticates");
  if (bootstrapToken !== "absent" && question.device !== null) {
    return unknown("whether the setup code is right");
  }
  if (authMode === "none") return { method: "none" };
  const shared = sharedCredential(question.credentials, authMode, rules);
  if (shared === "right") return { method: authMode };
  if (shared === "unknown") return unknown(`whether the ${authMode} is right`);
  const failed = `${authMode}_${shared === "absent" ? "missing" : "mismatch"}` as const;
  // A device token may stand in either field; one of its own goes first.
  if (question.device !== null && deviceToken !== "absent") {
    return decideDeviceToken(the, rules, deviceToken, "device_token_mismatch");
  }
  if (question.device !== null && token === "device-token") {
    return decideDeviceToken(the, rules, "right", failed);
  }
  return refuseCredentials(question, circumstances, rules, failed);
}

function decideDeviceToken(
  { question, circumstances, standing, profile }: ConnectCase,
  rules: ConnectRules,
  deviceToken: "right" | "wrong" | "unknown",
  mismatch: AuthReason,
): Authenticated | ConnectDecision {
  if (deviceToken === "unknown") return unknown("whether the device token is right");
  const refusal = (reason: AuthReason): ConnectDecision =>
    refuseCredentials(question, circumstances, rules, reason);
  if (deviceToken === "wrong" || standing?.kind !== "paired") return refusal(mismatch);
  if (!standing.roles.includes(question.role)) return refusal(mismatch);
  if (coversScopes(standing.tokenScopes ?? [], question.scopes, question.role, profile)) {
    return { method: "device-token" };
  }
  return refusal(profile.namesScopeMismatch ? "scope_mismatch" : mismatch);
}

function unknown(missing: string): ConnectDecision {
  return { kind: "unknown", missing };
}
