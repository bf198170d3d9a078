import { look, namesIn, NOT_MEASURED } from "../gateway/measured.ts";
import { methodScope, type Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";
import { holdsScope, parseScopeRefusal } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { findContrast } from "./contrast.ts";
import { groupBy } from "./group.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { nameClient, namePeer, nameScopes } from "./wording.ts";

type Judgement = Pick<FindingDraft, "code" | "why" | "fix">;

/** Calls refused for want of a scope: one finding for each method and missing scope, by cause. */
export function diagnoseMissingScopes(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  const refused = connection.rpcs.flatMap((rpc) => {
    const refusal = rpc.error === null ? null : parseScopeRefusal(rpc.error);
    return refusal === null ? [] : [{ rpc, missing: refusal.missing }];
  });
  return groupBy(refused, ({ rpc, missing }) => `${rpc.method}\n${missing}`).map((group) => {
    const [{ rpc, missing }] = group;
    const { handshake } = connection;
    return {
      ...judge(connection, rpc.method, missing, context.profile),
      rpc: rpc.id,
      title: `${rpc.method} was refused${group.length > 1 ? ` ${group.length} times` : ""}: missing scope ${missing}`,
      evidence: [
        handshake.connectEntry,
        handshake.answerEntry,
        ...group.flatMap((member) => [member.rpc.requestEntry, member.rpc.responseEntry]),
      ],
      contrast: findContrast(connection, rpc.method, missing, context),
    };
  });
}

function judge(
  connection: Connection,
  method: string,
  missing: string,
  profile: Profile,
): Judgement {
  const { requested, granted } = connection.scopes;
  const asked = holdsScope(requested ?? [], missing, profile.implies) === true;
  const reported = holdsScope(granted ?? [], missing, profile.implies) === true;
  if (asked && !reported) return judgeDropped(connection, missing, profile);
  if (reported) return judgeNotEffective(connection, missing, profile);
  const base = methodScope(profile, method);
  if (
    base !== null &&
    base !== NOT_MEASURED &&
    base !== missing &&
    holdsScope(connection.scopes.effective, base, profile.implies) === true
  ) {
    return {
      code: "missing-scope-for-params",
      why: `${method} needs ${base}, which the connection holds; with these params it needs ${missing} as well, and the connection asked for ${nameScopes(requested)}.`,
      fix: `Ask for ${missing} in connect.params.scopes, or call ${method} with params that need less.`,
    };
  }
  return {
    code: "missing-scope-not-requested",
    why: `${method} needs ${missing}, and the connection asked for ${nameScopes(requested)}. What the token or the paired device may do does not matter: a connection holds at most what its connect asks for.`,
    fix: `Ask for ${missing} in connect.params.scopes${pairingAdvice(connection)}.`,
  };
}

function pairingAdvice(connection: Connection): string {
  return connection.handshake.connect?.device === null
    ? ""
    : "; if the device is not approved for it yet, approve the upgrade with: openclaw devices approve <requestId>";
}

function judgeNotEffective(connection: Connection, missing: string, profile: Profile): Judgement {
  const { requested, granted } = connection.scopes;
  const tokenScopes =
    profile.helloScopesWithToken === "token" &&
    connection.handshake.hello?.auth?.deviceTokenIssued === true;
  return {
    code: "missing-scope-not-effective",
    why: tokenScopes
      ? `hello-ok reports ${nameScopes(granted)}, but on OpenClaw ${profile.version} those are the scopes of the device token it issues; the connection holds only what it asked for: ${nameScopes(requested)}.`
      : `hello-ok reports ${nameScopes(granted)}, and yet the Gateway refused a call for ${missing}.`,
    fix: `Ask for ${missing} in connect.params.scopes; do not read it from hello-ok.`,
  };
}

function judgeDropped(connection: Connection, missing: string, profile: Profile): Judgement {
  const { reason, fix } = explainDroppedScopes(connection, profile);
  return {
    code: "missing-scope-dropped",
    why: `The connection asked for ${nameScopes(connection.scopes.requested)}, but the Gateway dropped ${missing} at the handshake. ${reason}`,
    fix,
  };
}

/** Why the Gateway gave a connection fewer scopes than it asked for, and what to do about it. */
export function explainDroppedScopes(
  connection: Connection,
  profile: Profile,
): { readonly reason: string; readonly fix: string } {
  const connect = connection.handshake.connect;
  if (connect === null || connect.device !== null) {
    return {
      reason:
        "A device identity was sent, so the limit is what the Gateway allows that device or that user.",
      fix: "Look at what the device is approved for with: openclaw devices list",
    };
  }
  const kind = nameClient(connection);
  const keeps = look(profile.keepsScopesWithoutDevice, kind);
  const exempt = namesIn(profile.keepsScopesWithoutDevice).filter(
    (client) => look(profile.keepsScopesWithoutDevice, client) === true,
  );
  const sendDevice =
    "Send a signed device identity in connect.params.device and have the device paired";
  if (keeps === NOT_MEASURED) return explainUnknownRule(connection, profile, sendDevice);
  const rule = `OpenClaw ${profile.version} clears the scopes of a connection without a device identity${
    exempt.length === 0
      ? ""
      : `, unless it is ${exempt.join(" or ")} from a loopback peer without an Origin or forwarding header`
  }.`;
  if (!keeps) {
    return {
      reason: `The connect carries no device identity. ${rule} This client is ${kind}.`,
      fix: `${sendDevice}.`,
    };
  }
  if (connection.peerIsLoopback === false) {
    return {
      reason: `The connect carries no device identity. ${rule} Its peer, as the Gateway saw it: ${namePeer(connection)}.`,
      fix: `${sendDevice}, or let the client reach the Gateway from a loopback address (gateway.bind "loopback", or no forwarder between).`,
    };
  }
  const header = namePresentHeader(connection);
  if (header === null) {
    return {
      reason: `The connect carries no device identity. ${rule} This one meets all that, so the Gateway has another reason, which the recording does not show.`,
      fix: `${sendDevice}.`,
    };
  }
  return {
    reason: `The connect carries no device identity. ${rule} This one sent ${header}.`,
    fix: `${sendDevice}, or connect without that header.`,
  };
}

// Whether that version makes an exception of this client nobody measured: then its circumstances are told, not a cause.
function explainUnknownRule(
  connection: Connection,
  { version }: Profile,
  sendDevice: string,
): { readonly reason: string; readonly fix: string } {
  const kind = nameClient(connection);
  const others = describeVersions((profile) => look(profile.keepsScopesWithoutDevice, kind));
  const header = namePresentHeader(connection);
  const facts = [
    `its peer, as the Gateway saw it, is ${namePeer(connection)}`,
    ...(header === null ? [] : [`it sent ${header}`]),
  ];
  return {
    reason: `The connect carries no device identity. Whether OpenClaw ${version} lets ${kind} keep its scopes all the same, from a loopback peer without an Origin or forwarding header, was not measured; of the measured versions, these do: ${others}. Of this one: ${facts.join("; ")}.`,
    fix: `${sendDevice}${connection.peerIsLoopback === false ? ", or try it from a loopback address" : ""}.`,
  };
}

function namePresentHeader({ upgrade }: Connection): string | null {
  if (upgrade === null) return null;
  if (upgrade.origin !== null) return "an Origin header";
  return upgrade.forwardingHeaders.length > 0
    ? `the header ${upgrade.forwardingHeaders.join(", ")}`
    : null;
}
