import {
  nameOf,
  type ConnectCase,
  type ConnectDecision,
  type ConnectQuestion,
  type DeviceStanding,
  accept,
  isLocal,
  isScreen,
  refuse,
  rule,
  type AuthMethod,
} from "./connect-question.ts";
import { know, look } from "./measured.ts";
import { coversScopes, tokenScopesOf } from "./scopes.ts";

type Paired = Extract<DeviceStanding, { kind: "paired" }>;
type Reason = "not-paired" | "role-upgrade" | "scope-upgrade" | "metadata-upgrade";

/** Decides on a client whose device identity and credentials hold: is the device paired, and for that much? Inside of `decide`. */
export function decidePairing(the: ConnectCase, method: AuthMethod): ConnectDecision {
  const { question, circumstances } = the;
  const standing = know(the.standing, "whether the device is paired");
  if (standing.kind === "unpaired") {
    if (skipsPairing(the, method, "skipsPairingWhenNew")) return admit(the, method, null);
    const silently = isSilent(the, method, "not-paired");
    if (silently && isWithinRole(question)) return admit(the, method, approve(question, null));
    return refusePairing(the, "not-paired", null);
  }
  if (skipsPairing(the, method, "skipsPairingWhenPaired")) return admit(the, method, standing);
  if (circumstances.isForwarded) know(circumstances.peerIsLoopback, "what the Gateway sees as its peer"); // prettier-ignore
  let now = standing;
  for (const reason of ["metadata-upgrade", "role-upgrade", "scope-upgrade"] as const) {
    if (!isNeeded(the, now, reason)) continue;
    if (!isSilent(the, method, reason)) return refusePairing(the, reason, standing);
    now = approve(question, now);
  }
  return admit(the, method, now);
}

function isNeeded({ question, profile }: ConnectCase, standing: Paired, reason: Reason): boolean {
  const { client, role, scopes } = question;
  switch (reason) {
    case "metadata-upgrade":
      return (
        (isOther(client.platform, standing.platform) ||
          isOther(client.deviceFamily, standing.deviceFamily)) &&
        know(profile.pinsMetadata, rule("pins a device's platform"))
      );
    case "role-upgrade":
      return !standing.roles.includes(role);
    case "scope-upgrade": {
      const covers = coversScopes(standing.approvedScopes, scopes, role, profile);
      return !know(covers, rule("says which scopes stand for others"));
    }
    case "not-paired":
      return false;
  }
}

/** Whether the Gateway approves by itself. */
function isSilent(
  { question, circumstances, profile }: ConnectCase,
  method: AuthMethod,
  reason: Reason,
): boolean {
  if (circumstances.origin !== null && !isScreen(question, profile)) return false;
  if (!isLocal(circumstances)) return false;
  if (reason === "metadata-upgrade") {
    if (circumstances.origin !== null) return false;
    return know(look(profile.refreshesMetadata, nameOf(question)), rule("takes its new platform"));
  }
  if (!circumstances.pairsLocalDevices) return false;
  if (reason === "not-paired") return true;
  if (reason === "role-upgrade") {
    return know(profile.upgradesRolesSilently, rule("grants another role without asking"));
  }
  if (method === "device-token") return false;
  return know(profile.upgradesScopesSilently, rule("grants more scopes without asking"));
}

/** The Gateway's own kind of client needs no pairing where it is local. */
function skipsPairing(
  { question, circumstances, profile }: ConnectCase,
  method: AuthMethod,
  when: "skipsPairingWhenNew" | "skipsPairingWhenPaired",
): boolean {
  if (circumstances.origin !== null || method === "none") return false;
  const skips = look(profile[when], nameOf(question));
  if (skips === false || !isLocal(circumstances)) return false;
  return know(skips, rule(`lets ${nameOf(question)} in without pairing`));
}

/** How the device stands after an approval of what it asks for. */
function approve({ role, scopes, client }: ConnectQuestion, before: Paired | null): Paired {
  return {
    kind: "paired",
    roles: [...new Set([...(before?.roles ?? []), role])],
    approvedScopes: [...new Set([...(before?.approvedScopes ?? []), ...scopes])],
    tokenScopes: scopes.length > 0 ? tokenScopesOf(scopes) : (before?.tokenScopes ?? []),
    platform: client.platform,
    deviceFamily: client.deviceFamily,
  };
}

function admit(the: ConnectCase, method: AuthMethod, standing: Paired | null): ConnectDecision {
  const token = standing === null ? null : issueToken(the, standing);
  const accepted = accept(the, method, the.question.scopes, token);
  return standing === null
    ? accepted
    : { ...accepted, standing: { ...standing, tokenScopes: token } };
}

/** A token that covers what is asked stays; else a new one is issued, for just that. */
function issueToken(
  { question, profile }: ConnectCase,
  { tokenScopes, approvedScopes }: Paired,
): readonly string[] | null {
  const { scopes, role } = question;
  const covers = (held: readonly string[]): boolean =>
    know(coversScopes(held, scopes, role, profile), rule("says which scopes stand for others"));
  if (!covers(tokenScopesOf(approvedScopes))) return null;
  return tokenScopes !== null && covers(tokenScopes) ? tokenScopes : tokenScopesOf(scopes);
}

/** The device has to be approved first. The request's id is new in every run: it is the caller's. */
function refusePairing(the: ConnectCase, reason: Reason, approved: Paired | null): ConnectDecision {
  const { question, profile } = the;
  const isUi =
    question.role === "operator" && look(profile.operatorUis, question.client.id) !== false;
  const values = {
    approvedRoles: approved?.roles ?? [],
    approvedScopes: approved?.approvedScopes ?? [],
  };
  return { ...refuse(the, isUi ? [`${reason}/ui`, reason] : [reason], values), pends: true };
}

// A scope of another role than the one asked for is never approved.
function isWithinRole({ role, scopes }: ConnectQuestion): boolean {
  return scopes.every((scope) => scope.trim() === "" || scope.trim().startsWith(`${role}.`));
}

function isOther(now: string, pinned: string): boolean {
  return pinned !== "" && plain(now) !== plain(pinned);
}

function plain(value: string): string {
  return value.trim().toLowerCase();
}
