import type { Authenticated } from "./connect-credentials.ts";
import {
  isLocal,
  type ConnectCase,
  type ConnectDecision,
  type DeviceStanding,
} from "./connect-question.ts";
import { refusePairing, type PairingReason } from "./connect-refusals.ts";
import { isScreen, type ConnectRules } from "./connect-rules.ts";
import { coversScopes, tokenScopesOf } from "./scope-lists.ts";

type Paired = Extract<DeviceStanding, { kind: "paired" }>;

const PEER = { kind: "unknown", missing: "whether the Gateway sees a loopback peer" } as const;

/** Decides on a client whose device identity and credentials hold: is the device paired, and for that much? */
export function decidePairing(
  the: ConnectCase,
  rules: ConnectRules,
  authenticated: Authenticated,
): ConnectDecision {
  const { standing, question, circumstances } = the;
  if (standing === null) return { kind: "unknown", missing: "whether the device is paired" };
  const backend = skipsPairing(the, authenticated);
  if (backend === null && needsLocality(the, rules)) return PEER;
  if (standing.kind === "unpaired") {
    if (backend === true && !rules.pairsBackends) return accept(the, rules, authenticated, null);
    const paired = approve(the, null);
    const silently = isSilent(the, rules, authenticated, "not-paired");
    if (silently === null) return PEER;
    if (silently && isWithinRole(question.role, question.scopes)) {
      return accept(the, rules, authenticated, paired);
    }
    return refusePairing(question, rules, "not-paired", null, the.requestId);
  }
  if (backend === true && rules.backendSkipsPairing) {
    return accept(the, rules, authenticated, standing);
  }
  if (circumstances.peerIsLoopback === null && circumstances.isForwarded) return PEER;
  return decidePaired(the, rules, authenticated, standing);
}

function decidePaired(
  the: ConnectCase,
  rules: ConnectRules,
  authenticated: Authenticated,
  standing: Paired,
): ConnectDecision {
  const { question, requestId } = the;
  let now = standing;
  for (const reason of ["metadata-upgrade", "role-upgrade", "scope-upgrade"] as const) {
    if (!isNeeded(reason, the, now, rules)) continue;
    const silently = isSilent(the, rules, authenticated, reason);
    if (silently === null) return PEER;
    const approved = { roles: standing.roles, scopes: standing.approvedScopes };
    if (!silently) return refusePairing(question, rules, reason, approved, requestId);
    now = approve(the, now);
  }
  return accept(the, rules, authenticated, now);
}

function isNeeded(
  reason: PairingReason,
  the: ConnectCase,
  standing: Paired,
  rules: ConnectRules,
): boolean {
  const { question, profile } = the;
  const { client, role, scopes } = question;
  switch (reason) {
    case "metadata-upgrade":
      if (!rules.pinsMetadata) return false;
      return (
        (standing.platform !== "" && plain(client.platform) !== plain(standing.platform)) ||
        (standing.deviceFamily !== "" &&
          plain(client.deviceFamily) !== plain(standing.deviceFamily))
      );
    case "role-upgrade":
      return !standing.roles.includes(role);
    case "scope-upgrade":
      return !coversScopes(standing.approvedScopes, scopes, role, profile);
    case "not-paired":
      return false;
  }
}

/** Whether the Gateway approves by itself; null when that depends on a peer that is not known. */
function isSilent(
  { question, circumstances }: ConnectCase,
  rules: ConnectRules,
  { method }: Authenticated,
  reason: PairingReason,
): boolean | null {
  const { client } = question;
  const onScreen = isScreen(client, rules);
  if (circumstances.origin !== null && !onScreen) return false;
  const local = isLocal(circumstances);
  if (local !== true) return local;
  if (reason === "metadata-upgrade") {
    return circumstances.origin === null && !onScreen && isNativeApp(client);
  }
  if (!circumstances.pairsLocalDevices) return false;
  if (reason === "role-upgrade") return rules.upgradesRolesSilently;
  return reason === "not-paired" || (rules.upgradesScopesSilently && method !== "device-token");
}

/** The Gateway's own kind of client needs no pairing where it is local. */
function skipsPairing(
  { question, circumstances }: ConnectCase,
  { method }: Authenticated,
): boolean | null {
  const { id, mode } = question.client;
  if (`${id}/${mode}` !== "gateway-client/backend" || circumstances.origin !== null) return false;
  if (method === "none") return false;
  return isLocal(circumstances);
}

function needsLocality({ standing }: ConnectCase, rules: ConnectRules): boolean {
  return standing?.kind === "unpaired" || rules.backendSkipsPairing;
}

/** How the device stands after an approval of what it asks for. */
function approve({ question }: ConnectCase, before: Paired | null): Paired {
  const { role, scopes, client } = question;
  const asked = scopes.length > 0 ? tokenScopesOf(scopes) : (before?.tokenScopes ?? []);
  return {
    kind: "paired",
    roles: [...new Set([...(before?.roles ?? []), role])],
    approvedScopes: [...new Set([...(before?.approvedScopes ?? []), ...scopes])],
    tokenScopes: asked,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
  };
}

function accept(
  { question, profile }: ConnectCase,
  rules: ConnectRules,
  { method }: Authenticated,
  standing: Paired | null,
): ConnectDecision {
  const { scopes, role } = question;
  const token = standing === null ? null : issueToken(standing, scopes, role, profile);
  return {
    kind: "accepted",
    role,
    scopes,
    reported: reportedScopes(profile, token, scopes),
    protocol: profile.protocol,
    method: rules.helloNamesMethod ? method : null,
    tokenScopes: token,
    standing: standing === null ? null : { ...standing, tokenScopes: token },
  };
}

function reportedScopes(
  { helloScopes }: ConnectCase["profile"],
  token: readonly string[] | null,
  scopes: readonly string[],
): readonly string[] | null {
  if (helloScopes === "effective") return scopes;
  return token ?? (helloScopes === "token-or-absent" ? null : scopes);
}

/** A token that covers what is asked stays; else a new one is issued, for just that. */
function issueToken(
  { tokenScopes, approvedScopes }: Paired,
  scopes: readonly string[],
  role: string,
  profile: ConnectCase["profile"],
): readonly string[] | null {
  if (!coversScopes(tokenScopesOf(approvedScopes), scopes, role, profile)) return null;
  const covers = tokenScopes !== null && coversScopes(tokenScopes, scopes, role, profile);
  return covers ? tokenScopes : tokenScopesOf(scopes);
}

// A scope of another role than the one asked for is never approved.
function isWithinRole(role: string, scopes: readonly string[]): boolean {
  return scopes.every((scope) => scope.trim() === "" || scope.trim().startsWith(`${role}.`));
}

function isNativeApp({ id, mode }: ConnectCase["question"]["client"]): boolean {
  return mode === "ui" && /^openclaw-(?:macos|ios|android|linux)$/.test(id);
}

function plain(value: string): string {
  return value.trim().toLowerCase();
}
