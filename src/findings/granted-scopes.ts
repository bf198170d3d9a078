import { lackingScopes } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { handshakeEntries, type FindingDraft, type RuleContext } from "./rule.ts";
import { nameScopes, nameClient, namePeer } from "./wording.ts";
import { look, namesIn, NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";

/** A connection that holds fewer scopes than it asked for, as long as no refused call says it more clearly. */
export function diagnoseScopesNotGranted(
  connection: Connection,
  { profile }: RuleContext,
): FindingDraft | null {
  const { requested, effective, effectiveFrom, refuted } = connection.scopes;
  if (connection.outcome !== "accepted" || refuted.length > 0) return null;
  const missing = lackingScopes(requested ?? [], effective, profile.implies);
  if (missing.length === 0 || effectiveFrom === "unknown") return null;
  const { reason, fix } = explainDroppedScopes(connection, profile);
  return {
    code: "scopes-not-granted",
    title: `asked for ${nameScopes(requested)}, holds ${nameScopes(effective)}`,
    why: `The Gateway accepted the connection without ${missing.join(", ")}. ${reason}`,
    fix,
    evidence: handshakeEntries(connection),
  };
}

/** A hello-ok that reports more than the connection holds, as long as no refused call says it more clearly. */
export function diagnoseOverstatedScopes(
  connection: Connection,
  { profile }: RuleContext,
): FindingDraft | null {
  const { granted, effective, requested, refuted } = connection.scopes;
  const excess = lackingScopes(granted ?? [], effective, profile.implies);
  if (connection.outcome !== "accepted" || refuted.length > 0 || excess.length === 0) return null;
  return {
    code: "hello-overstates-scopes",
    title: `hello-ok reports ${nameScopes(granted)}, but the connection holds ${nameScopes(effective)}`,
    why: `hello-ok reports the scopes of the device token that it issues; the connection holds what it asked for: ${nameScopes(requested)}.`,
    fix: "Do not decide from hello-ok what the connection may do; ask for the scopes that its calls need.",
    evidence: handshakeEntries(connection),
  };
}

/** Why a connection holds less than it asked for, and what to do about it. */
export interface Dropped {
  readonly reason: string;
  readonly fix: string;
}

const SEND_DEVICE =
  "Send a signed device identity in connect.params.device and have the device paired";

/** Why the Gateway gave a connection fewer scopes than it asked for, as far as the recording and the rules of its version tell. */
export function explainDroppedScopes(connection: Connection, profile: Profile): Dropped {
  const { connect } = connection.handshake;
  if (connect === null || connect.device !== null) {
    return {
      reason:
        "A device identity was sent, so the limit is what the Gateway allows that device or that user.",
      fix: "Look at what the device is approved for with: openclaw devices list",
    };
  }
  const { reason, fix } = judgeWithoutDevice(connection, profile);
  return {
    reason: `The connect carries no device identity. ${describeRule(profile)} ${reason}`,
    fix,
  };
}

function judgeWithoutDevice(connection: Connection, profile: Profile): Dropped {
  const kind = nameClient(connection);
  const keeps = look(profile.keepsScopesWithoutDevice, kind);
  if (keeps === false) return { reason: `This client is ${kind}.`, fix: `${SEND_DEVICE}.` };
  const unsure =
    keeps === NOT_MEASURED ? `; whether this version then lets ${kind} keep its scopes was not measured` : ""; // prettier-ignore
  if (connection.peerIsLoopback === false) {
    return {
      reason: `Its peer, as the Gateway saw it: ${namePeer(connection)}.`,
      fix: `${SEND_DEVICE}, or let the client reach the Gateway from a loopback address (gateway.bind "loopback", or no forwarder between)${unsure}.`,
    };
  }
  const header = namePresentHeader(connection);
  if (header !== null) {
    return {
      reason: `This one sent ${header}.`,
      fix: `${SEND_DEVICE}, or connect without that header${unsure}.`,
    };
  }
  return {
    reason:
      keeps === NOT_MEASURED
        ? `Whether ${kind} is one of them was not measured on this version.`
        : "This one meets all that, so the Gateway has another reason, which the recording does not show.",
    fix: `${SEND_DEVICE}.`,
  };
}

function describeRule({ version, keepsScopesWithoutDevice: table }: Profile): string {
  const clears = `OpenClaw ${version} clears the scopes of a connection without a device identity`;
  const local = "from a loopback peer without an Origin or forwarding header";
  const exempt = namesIn(table).filter((client) => look(table, client) === true);
  const maybe = namesIn(table).filter((client) => look(table, client) === NOT_MEASURED);
  const perhaps = maybe.length === 0 ? "" : ` (or perhaps ${maybe.join(" or ")})`;
  if (exempt.length > 0)
    return `${clears}, unless it is ${exempt.join(" or ")}${perhaps} ${local}.`;
  return table === NOT_MEASURED || namesIn(table).length > 0
    ? `Gateways clear the scopes of such a connection, unless it is one of some clients ${local}.`
    : `${clears}.`;
}

function namePresentHeader({ upgrade }: Connection): string | null {
  if (upgrade === null) return null;
  if (upgrade.origin !== null) return "an Origin header";
  return upgrade.forwardingHeaders.length > 0
    ? `the header ${upgrade.forwardingHeaders.join(", ")}`
    : null;
}
