import { decideCredentials, type Authenticated } from "./connect-credentials.ts";
import {
  isLocal,
  type Circumstances,
  type ConnectCase,
  type ConnectDecision,
  type ConnectQuestion,
} from "./connect-question.ts";
import {
  refuse,
  refuseCredentials,
  refuseDeviceProof,
  refuseMissingDevice,
  refuseOrigin,
  refuseProtocol,
} from "./connect-refusals.ts";
import { connectRulesOf, sharedCredential, type ConnectRules } from "./connect-rules.ts";
import { decidePairing } from "./pairing.ts";
import type { Profile } from "./profile.ts";

/** Who has connected without a device identity, and from where. */
export interface DevicelessClient {
  /** `id/mode`. */
  readonly client: string;
  readonly peerIsLoopback: boolean | null;
  readonly hasOrigin: boolean;
  readonly isForwarded: boolean;
}

/** True when a client without a device identity keeps the scopes it asks for (rows 12 to 14 of what was measured). */
export function keepsScopes(profile: Profile, who: DevicelessClient): boolean {
  return (
    profile.keepsScopesWithoutDevice.includes(who.client) &&
    who.peerIsLoopback === true &&
    !who.hasOrigin &&
    !who.isForwarded
  );
}

/** Decides on a `connect` as that version's Gateway does, in its order: the first rule that applies. Pure. */
export function decideConnect(asked: ConnectCase): ConnectDecision {
  const { version } = asked.profile;
  const rules = connectRulesOf(asked.profile);
  if (rules === null) return unknown(`the rules of OpenClaw ${version} were not measured`);
  const the = { ...asked, circumstances: seenBy(rules, asked.circumstances) };
  const decision =
    decideAdmission(the, rules) ??
    decideMissingDevice(the, rules) ??
    decideProof(the.question) ??
    decideRest(the, rules);
  if (decision.kind !== "refused" || rules.wordsRefusals) return decision;
  const { code, message } = decision.error;
  return unknown(
    `in which words OpenClaw ${version} refuses it (${code}: ${message} by its rules)`,
  );
}

/** The peer as that version takes it: some take one for far that came by another name than a loopback one. */
function seenBy(rules: ConnectRules, circumstances: Circumstances): Circumstances {
  const { hostIsLoopback, peerIsLoopback } = circumstances;
  if (!rules.localNeedsLoopbackHost || peerIsLoopback !== true) return circumstances;
  return { ...circumstances, peerIsLoopback: hostIsLoopback };
}

/** The rules that come before who it is: params, protocol, role, Origin. */
function decideAdmission(
  { question, circumstances, profile }: ConnectCase,
  rules: ConnectRules,
): ConnectDecision | null {
  const { client, role } = question;
  if (!rules.clientIds.includes(client.id) || !rules.clientModes.includes(client.mode)) {
    return unknown(`what is said to a client ${client.id}/${client.mode}`);
  }
  if (circumstances.isForwarded && rules.refusesForwarding) {
    return unknown("whether its peer is a trusted proxy");
  }
  if (!takesProtocol(question, profile.protocol, rules)) {
    return refuseProtocol(question, profile.protocol, rules);
  }
  if (role !== "operator" && role !== "node") {
    return refuse({ code: "INVALID_REQUEST", message: "invalid role" });
  }
  return decideOrigin(question, circumstances, rules);
}

function takesProtocol(
  { minProtocol, maxProtocol, client, role }: ConnectQuestion,
  protocol: number,
  rules: ConnectRules,
): boolean {
  if (minProtocol <= protocol && maxProtocol >= protocol) return true;
  if (!rules.takesOlderProbesAndNodes || maxProtocol < protocol - 1) return false;
  if (client.mode === "probe") return minProtocol <= protocol;
  return client.mode === "node" && role === "node" && minProtocol <= protocol - 1;
}

function decideOrigin(
  { client }: ConnectQuestion,
  circumstances: Circumstances,
  rules: ConnectRules,
): ConnectDecision | null {
  const { origin } = circumstances;
  const isBrowser =
    rules.browserUis.includes(client.id) || client.mode === "webchat" || client.id === "webchat-ui";
  if (!isBrowser && (origin === null || !rules.checksEveryOrigin)) return null;
  const host = origin === null ? null : hostOfOrigin(origin);
  if (host === null) return refuseOrigin("origin missing or invalid");
  if (circumstances.originIsAllowed === true) return null;
  const local = isLocal(circumstances);
  const isLoopbackOrigin = ["localhost", "127.0.0.1", "[::1]"].includes(host);
  if (isLoopbackOrigin && local === null) return unknown(PEER);
  if (isLoopbackOrigin && local === true) return null;
  if (circumstances.originIsAllowed === null) {
    return unknown(`whether gateway.controlUi.allowedOrigins lets ${origin} in`);
  }
  return refuseOrigin("origin not allowed");
}

function decideMissingDevice(the: ConnectCase, rules: ConnectRules): ConnectDecision | null {
  const { question, circumstances } = the;
  if (question.device !== null) return null;
  const { authMode } = circumstances;
  if (authMode === null) return unknown("how the Gateway authenticates");
  const isUi = rules.operatorUis.includes(question.client.id);
  if (authMode === "none") {
    const isBackend = nameOf(question) === "gateway-client/backend" && question.role === "operator";
    if (!isBackend || !rules.backendNeedsNoAuth) return refuseMissingDevice(isUi);
    const local = isLocal(circumstances);
    if (local === null) return unknown(PEER);
    return local && circumstances.origin === null ? null : refuseMissingDevice(isUi);
  }
  if (isUi) {
    const switches = rules.uiSwitches ? circumstances.uiSwitchesAreOn : false;
    if (switches === false) return refuseMissingDevice(true);
    return unknown("whether the configuration lets a Control UI in without a device identity");
  }
  const { token, password } = question.credentials;
  const shared = sharedCredential(question.credentials, authMode, rules);
  if (shared === "unknown") return unknown(`whether the ${authMode} is right`);
  if (shared === "right" && question.role === "operator") return null;
  if (token === "absent" && password === "absent") return refuseMissingDevice(false);
  if (shared === "right") return refuseMissingDevice(false);
  const reason = `${authMode}_${shared === "absent" ? "missing" : "mismatch"}` as const;
  return refuseCredentials(question, circumstances, rules, reason);
}

function decideProof({ device }: ConnectQuestion): ConnectDecision | null {
  return device === null || device.proof.ok ? null : refuseDeviceProof(device.proof.reason);
}

function decideRest(the: ConnectCase, rules: ConnectRules): ConnectDecision {
  const { question, circumstances, profile } = the;
  const authenticated = decideCredentials(the, rules);
  if ("kind" in authenticated) return authenticated;
  if (question.device !== null) return decidePairing(the, rules, authenticated);
  const local = isLocal(circumstances);
  const may = profile.keepsScopesWithoutDevice.includes(nameOf(question));
  if (may && local === null && question.scopes.length > 0) return unknown(PEER);
  const keeps = keepsScopes(profile, {
    client: nameOf(question),
    peerIsLoopback: circumstances.peerIsLoopback,
    hasOrigin: circumstances.origin !== null,
    isForwarded: circumstances.isForwarded,
  });
  const scopes = keeps ? question.scopes : [];
  return accept(the, rules, authenticated, scopes);
}

function accept(
  { question, profile }: ConnectCase,
  rules: ConnectRules,
  { method }: Authenticated,
  scopes: readonly string[],
): ConnectDecision {
  return {
    kind: "accepted",
    role: question.role,
    scopes,
    reported: profile.helloScopes === "token-or-absent" ? null : scopes,
    protocol: profile.protocol,
    method: rules.helloNamesMethod ? method : null,
    tokenScopes: null,
    standing: null,
  };
}

const PEER = "whether the Gateway sees a loopback peer";

function nameOf({ client }: ConnectQuestion): string {
  return `${client.id}/${client.mode}`;
}

function unknown(missing: string): ConnectDecision {
  return { kind: "unknown", missing };
}

function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).hostname;
  } catch {
    return null;
  }
}
