import {
  nameOf,
  type Circumstances,
  type ConnectCase,
  type ConnectDecision,
  type ConnectQuestion,
  accept,
  isChat,
  isLocal,
  isScreen,
  refuse,
  rule,
  type AuthMethod,
  type Refused,
} from "./connect-question.ts";
import { decidePairing } from "./decide-pairing.ts";
import { decide, know, look, NOT_MEASURED, type Measured, unknown } from "./measured.ts";
import type { Profile } from "./profile.ts";
import { coversScopes } from "./scopes.ts";

/** Who has connected without a device identity, and from where; null for what is not known. */
export interface DevicelessClient {
  /** `id/mode`. */
  readonly client: string;
  readonly peerIsLoopback: boolean | null;
  readonly hasOrigin: boolean;
  readonly isForwarded: boolean;
}

/** Whether a client without a device identity keeps the scopes it asks for. */
export function keepsScopes(
  { keepsScopesWithoutDevice }: Profile,
  { client, peerIsLoopback, hasOrigin, isForwarded }: DevicelessClient,
): Measured<boolean> {
  if (hasOrigin || isForwarded || peerIsLoopback === false) return false;
  const keeps = look(keepsScopesWithoutDevice, client);
  return keeps === true && peerIsLoopback === null ? NOT_MEASURED : keeps;
}

/** Decides on a `connect` as that version's Gateway does, in its order: the first rule that applies. Pure. */
export function decideConnect(asked: ConnectCase): ConnectDecision {
  return decide(() => {
    const the = { ...asked, circumstances: seenBy(asked) };
    return (
      decideAdmission(the) ??
      decideOrigin(the) ??
      decideMissingDevice(the) ??
      decideProof(the) ??
      decideCredentials(the)
    );
  });
}

/** The peer as that version takes it: some take one for far that came by another name than a loopback one. */
function seenBy({ circumstances, profile }: ConnectCase): Circumstances {
  const { hostIsLoopback, peerIsLoopback } = circumstances;
  if (peerIsLoopback !== true || hostIsLoopback === true) return circumstances;
  const { localNeedsLoopbackHost } = profile;
  if (localNeedsLoopbackHost === NOT_MEASURED) return { ...circumstances, peerIsLoopback: null };
  return localNeedsLoopbackHost
    ? { ...circumstances, peerIsLoopback: hostIsLoopback }
    : circumstances;
}

/** The rules that come before who it is: params, forwarding, protocol, role. */
function decideAdmission(the: ConnectCase): ConnectDecision | null {
  const { question, circumstances, profile } = the;
  const { client, role } = question;
  const isKnown =
    look(profile.clientIds, client.id) === true && look(profile.clientModes, client.mode) === true;
  if (!isKnown) unknown(`what is said to a client ${nameOf(question)}`);
  if (circumstances.isForwarded && know(profile.refusesForwarding, rule("refuses forwarding"))) {
    unknown("whether its peer is a trusted proxy");
  }
  if (!takesProtocol(question, profile)) return refuse(the, ["protocol-mismatch"]);
  if (role !== "operator" && role !== "node") return refuse(the, ["invalid-role"]);
  return null;
}

function takesProtocol(
  { minProtocol, maxProtocol, client, role }: ConnectQuestion,
  profile: Profile,
): boolean {
  const protocol = know(profile.protocol, rule("speaks which protocol"));
  if (minProtocol <= protocol && maxProtocol >= protocol) return true;
  if (maxProtocol < protocol - 1) return false;
  const isProbe = client.mode === "probe" && minProtocol <= protocol;
  const isNode = client.mode === "node" && role === "node" && minProtocol <= protocol - 1;
  if (!isProbe && !isNode) return false;
  return know(look(profile.olderProtocolFor, client.mode), rule("takes an older protocol"));
}

function decideOrigin(the: ConnectCase): ConnectDecision | null {
  const { question, circumstances, profile } = the;
  const { origin, originIsAllowed } = circumstances;
  const isBrowser =
    isChat(question) || know(look(profile.browserUis, question.client.id), rule("takes it for a browser")); // prettier-ignore
  if (!isBrowser && origin === null) return null;
  if (!isBrowser && !know(profile.checksEveryOrigin, rule("checks every Origin"))) return null;
  const host = origin === null ? null : hostOfOrigin(origin);
  if (host === null) return refuse(the, ["origin-missing"]);
  if (originIsAllowed === true) return null;
  const isLoopbackOrigin = ["localhost", "127.0.0.1", "[::1]"].includes(host);
  if (isLoopbackOrigin && isLocal(circumstances)) return null;
  know(originIsAllowed, `whether gateway.controlUi.allowedOrigins lets ${origin} in`);
  return refuse(the, ["origin-not-allowed"]);
}

function decideMissingDevice(the: ConnectCase): ConnectDecision | null {
  const { question, circumstances, profile } = the;
  const { client, credentials, device, role } = question;
  if (device !== null) return null;
  const authMode = know(circumstances.authMode, "how the Gateway authenticates");
  const isUi = know(
    look(profile.operatorUis, client.id),
    rule("takes it for an operator's screen"),
  );
  const missing = (): Refused => refuse(the, [isUi ? "ui-device-required" : "device-required"]);
  if (authMode === "none") {
    const mayDo = look(profile.needsNoAuth, nameOf(question));
    if (mayDo === false || role !== "operator" || circumstances.origin !== null) return missing();
    if (!isLocal(circumstances)) return missing();
    return know(mayDo, rule("lets it in without authentication")) ? null : missing();
  }
  if (isUi) {
    if (profile.uiSwitches === false || circumstances.uiSwitchesAreOn === false) return missing();
    unknown("whether the configuration lets a Control UI in without a device identity");
  }
  const shared = sharedCredential(the, authMode);
  if (shared === "right" && role === "operator") return null;
  if (shared === "right") {
    return know(profile.nodeNeedsDevice, rule("lets a node in without a device"))
      ? missing()
      : null;
  }
  if (credentials.token === "absent" && credentials.password === "absent") return missing();
  return refuseCredential(the, `${authMode}_${shared === "absent" ? "missing" : "mismatch"}`);
}

function decideProof(the: ConnectCase): ConnectDecision | null {
  const { device } = the.question;
  return device === null || device.proof.ok ? null : refuse(the, [device.proof.reason]);
}

/** Decides on the credentials of a client whose device identity holds, or that needs none. */
function decideCredentials(the: ConnectCase): ConnectDecision {
  const { question, circumstances } = the;
  const { credentials, device } = question;
  const authMode = know(circumstances.authMode, "how the Gateway authenticates");
  if (credentials.bootstrapToken !== "absent" && device !== null) {
    unknown("whether the setup code is right");
  }
  if (authMode === "none") return admit(the, "none");
  const shared = sharedCredential(the, authMode);
  if (shared === "right") return admit(the, authMode);
  const failed = `${authMode}_${shared === "absent" ? "missing" : "mismatch"}`;
  // A device token may stand in either field; one of its own goes first.
  if (device !== null && credentials.deviceToken !== "absent") {
    return decideDeviceToken(the, credentials.deviceToken, "device_token_mismatch");
  }
  if (device !== null && credentials.token === "device-token") {
    return decideDeviceToken(the, "right", failed);
  }
  return refuseCredential(the, failed);
}

function decideDeviceToken(
  the: ConnectCase,
  deviceToken: "right" | "wrong" | "unknown",
  mismatch: string,
): ConnectDecision {
  const { question, standing, profile } = the;
  if (deviceToken === "unknown") unknown("whether the device token is right");
  if (deviceToken === "wrong" || standing?.kind !== "paired")
    return refuseCredential(the, mismatch);
  if (!standing.roles.includes(question.role)) return refuseCredential(the, mismatch);
  const covers = coversScopes(standing.tokenScopes ?? [], question.scopes, question.role, profile);
  if (know(covers, rule("says which scopes stand for others"))) return admit(the, "device-token");
  const isNamed = know(profile.namesScopeMismatch, rule("names a scope mismatch"));
  return refuseCredential(the, isNamed ? "scope_mismatch" : mismatch);
}

/** The credentials hold: the rest is the device's standing, or the rule for clients without one. */
function admit(the: ConnectCase, method: AuthMethod): ConnectDecision {
  const { question, circumstances, profile } = the;
  const { role, scopes } = question;
  if (question.device !== null) return decidePairing(the, method);
  const keeps =
    role !== "operator" || scopes.length === 0
      ? false
      : keepsScopes(profile, {
          client: nameOf(question),
          peerIsLoopback: circumstances.peerIsLoopback,
          hasOrigin: circumstances.origin !== null,
          isForwarded: circumstances.isForwarded,
        });
  if (keeps === NOT_MEASURED && circumstances.peerIsLoopback === null) isLocal(circumstances);
  const kept = know(keeps, rule(`lets ${nameOf(question)} keep its scopes without a device`));
  return accept(the, method, kept ? scopes : [], null);
}

/** How the shared credential stands: in its own field, or in the other's where the version looks there too. */
function sharedCredential(
  { question, profile }: ConnectCase,
  authMode: "token" | "password",
): "absent" | "right" | "wrong" | "device-token" {
  const { token, password } = question.credentials;
  const [own, other] = authMode === "token" ? [token, password] : [password, token];
  const looksThere =
    own === "absent" &&
    other !== "absent" &&
    know(profile.takesEitherField, rule("takes the credential in either field"));
  const shared = looksThere ? other : own;
  return shared === "unknown" ? unknown(`whether the ${authMode} is right`) : shared;
}

function refuseCredential(the: ConnectCase, reason: string): Refused {
  const { credentials, device } = the.question;
  const mayRetry =
    device !== null &&
    credentials.password === "absent" &&
    credentials.token !== "absent" &&
    credentials.deviceToken === "absent";
  return refuse(the, [...(mayRetry ? [`${reason}/device`] : []), reason], {
    hint: () => findHint(the, reason),
  });
}

function findHint(the: ConnectCase, reason: string): string {
  const { profile, circumstances, question } = the;
  const kind = kindOf(the);
  const local = kind === "cli" && circumstances.peerIsLoopback === true ? ["local"] : [];
  for (const one of [...local, kind]) {
    const hint = look(profile.hints, `${reason}/${one}`);
    if (hint !== false) {
      return know(hint, `in which words OpenClaw ${profile.version} refuses ${nameOf(question)}`);
    }
  }
  return "";
}

/** The kind of client that advice is for. */
function kindOf({ question, profile }: ConnectCase): "cli" | "ui" | "other" {
  const { client } = question;
  if (client.mode === "cli") return "cli";
  return isScreen(question, profile) ? "ui" : "other";
}

function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).hostname;
  } catch {
    return null;
  }
}
