import {
  type Circumstances,
  type ConnectCase,
  type ConnectDecision,
  type ConnectQuestion,
} from "./connect-question.ts";
import { know, look } from "./measured.ts";
import type { Profile } from "./profile.ts";
import { writeRefusal } from "./refusal.ts";

/** A `connect` that is refused. */
export type Refused = Extract<ConnectDecision, { kind: "refused" }>;

/** By which credential a client was let in (`hello-ok.auth.method`). */
export type AuthMethod = "token" | "password" | "none" | "device-token";

/* These are for use inside of `decide`: they end the decision where they need what is not known. */

/** True for a peer that is loopback and forwards nobody. */
export function isLocal({ peerIsLoopback, isForwarded }: Circumstances): boolean {
  return !isForwarded && know(peerIsLoopback, "whether the Gateway sees a loopback peer");
}

/** Writes down a refusal of a `connect`, after which the connection is closed. */
export function refuse(
  { profile, question, requestId }: ConnectCase,
  causes: readonly string[],
  values: Readonly<Record<string, unknown>> = {},
): Refused {
  const { minProtocol, maxProtocol, role, scopes, device } = question;
  const all = { minProtocol, maxProtocol, role, scopes, requestId, deviceId: device?.id, ...values }; // prettier-ignore
  const { error, close } = writeRefusal(profile, causes, all);
  const end = know(close, `how OpenClaw ${profile.version} ends such a connection`);
  return { kind: "refused", error, close: end, pends: false };
}

/** Lets the client in; `token` are the scopes of the device token that hello-ok carries. */
export function accept(
  { question, profile }: ConnectCase,
  method: AuthMethod,
  scopes: readonly string[],
  token: readonly string[] | null,
): Extract<ConnectDecision, { kind: "accepted" }> {
  return {
    kind: "accepted",
    role: question.role,
    scopes,
    reported: reportedScopes(profile, scopes, token),
    protocol: know(profile.protocol, rule("speaks which protocol")),
    method: know(profile.helloNamesMethod, rule("names the method in hello-ok")) ? method : null,
    tokenScopes: token,
    standing: null,
  };
}

function reportedScopes(
  { helloScopesWithToken, helloScopesWithoutToken }: Profile,
  scopes: readonly string[],
  token: readonly string[] | null,
): readonly string[] | null {
  const means = rule("says which scopes in hello-ok");
  if (token === null) {
    return know(helloScopesWithoutToken, means) === "absent" ? null : scopes;
  }
  // Then it makes no difference which of the two it is.
  if (token.join() === scopes.join()) return scopes;
  return know(helloScopesWithToken, means) === "token" ? token : scopes;
}

/** Whether a client is a screen of the operator's, a chat in the browser included. */
export function isScreen(question: ConnectQuestion, { operatorUis }: Profile): boolean {
  if (isChat(question)) return true;
  return know(look(operatorUis, question.client.id), rule("takes it for an operator's screen"));
}

/** Whether a client is a chat in a browser. */
export function isChat({ client }: ConnectQuestion): boolean {
  return client.mode === "webchat" || client.id === "webchat-ui";
}

/** What is not known where a rule was not measured. */
export function rule(what: string): string {
  return `whether the Gateway ${what}`;
}
