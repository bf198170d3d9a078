import { isLoopbackAddress } from "../gateway/address.ts";
import type { Refusal } from "../gateway/connect.ts";
import { look } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Connection } from "../trace/model.ts";
import type { Relatives } from "./relatives.ts";
import { MAX_EVIDENCE, type Cause, type RuleContext } from "./rule.ts";
import { listConnections, nameClient, namePeer, nameScopes } from "./wording.ts";

/** A longer id is none that OpenClaw made. */
const MAX_ID = 200;

/** A connect refused until somebody approves the device, or what it newly asks for; null when it was refused for another reason. */
export function diagnosePairing(
  connection: Connection,
  refusal: Refusal,
  { relatives, profile }: RuleContext,
): Cause | null {
  if (!isPairing(refusal)) return null;
  const { role } = connection.handshake.connect ?? { role: "it asks for" };
  const approveFrom = adviseApproval(refusal.requestId);
  const again = describeRepeats(connection, relatives);
  const evidence = again.connections.map(({ handshake }) => handshake.answerEntry);
  const fix = approveFrom("a client that holds operator.pairing and the scopes asked for");
  switch (refusal.reason) {
    case "scope-upgrade":
      return {
        code: "scope-upgrade-required",
        why: `${describeUpgrade(connection, refusal, relatives)}${again.words}`,
        // A device that approves itself connects with more than it holds, which leaves another request in place of the one to be approved.
        fix: approveFrom(
          `another client that holds operator.pairing and the scopes asked for, such as ${nameApprover(profile)}, and not through a client of this device`,
        ),
        evidence,
      };
    case "role-upgrade":
      return {
        code: "role-upgrade-required",
        why: `The device is paired, but not for the role ${role}.${again.words}`,
        fix,
        evidence,
      };
    case "metadata-upgrade": {
      const admin = approveFrom(
        `a connection that holds operator.admin, such as ${nameApprover(profile)}; a device's own CLI may lack that scope for`,
      );
      const judged = judgeMetadata(connection, relatives, admin);
      return { code: "metadata-upgrade-required", ...judged, evidence };
    }
    default:
      return {
        code: "pairing-required",
        why: `The device is not approved yet. ${explainNoSilentPairing(connection, relatives, profile)}${again.words}`,
        fix,
        evidence,
      };
  }
}

function isPairing({ detailCode, message }: Refusal): boolean {
  return detailCode === null
    ? message.startsWith("pairing required")
    : detailCode === "PAIRING_REQUIRED";
}

// Not every version lets a client without a device keep the scopes that approving takes.
function nameApprover(profile: Profile): string {
  const keeps = look(profile.keepsScopesWithoutDevice, "gateway-client/backend");
  return keeps === true
    ? "the Control UI, or a local gateway-client/backend without a device"
    : "the Control UI";
}

/** From where to approve, and the command that does. It stands last, so that it can be copied; what it names came from the wire. */
function adviseApproval(requestId: string | null): (who: string) => string {
  const warning =
    requestId === null || isPlainId(requestId)
      ? ""
      : "Look at the id of the request first: OpenClaw makes none with such characters, so it is quoted here. ";
  const word = requestId === null || requestId.length > MAX_ID ? "<requestId>" : shellWord(requestId); // prettier-ignore
  return (who) => `${warning}Approve it from ${who}: openclaw devices approve ${word}`;
}

function describeRepeats(
  connection: Connection,
  relatives: Relatives,
): { readonly words: string; readonly connections: readonly Connection[] } {
  const own = connection.handshake.refusal;
  const others = relatives.ofDevice(connection).filter(({ handshake: { refusal } }) => {
    const isSame = refusal !== null && isPairing(refusal) && refusal.reason === own?.reason;
    return isSame && refusal.requestId !== null && refusal.requestId !== own.requestId;
  });
  if (own?.requestId == null || others.length === 0) return { words: "", connections: [] };
  const approves = [connection, ...others].filter(({ scopes }) =>
    scopes.requested?.includes("operator.pairing"),
  );
  const loop =
    approves.length === 0
      ? ""
      : ` To ask for operator.pairing, as on ${listConnections(approves.toSorted((left, right) => left.id - right.id))}, is what a client does that approves: one of the device that waits is refused for it, and its new request takes the place of the one that it was to approve.`;
  return {
    words: ` The same device was refused on ${listConnections(others)} as well, each time with another request id: the newest is the one to approve.${loop}`,
    connections: others.slice(0, MAX_EVIDENCE),
  };
}

function describeUpgrade(connection: Connection, refusal: Refusal, relatives: Relatives): string {
  const { connect } = connection.handshake;
  const asked = `asks for ${nameScopes(refusal.requestedScopes ?? connect?.scopes ?? null)}`;
  if (refusal.approvedScopes !== null)
    return `The device is approved for ${nameScopes(refusal.approvedScopes)} and ${asked}.`;
  const accepted = relatives
    .ofDevice(connection)
    .findLast(
      (other) => other.outcome === "accepted" && other.handshake.connect?.role === connect?.role,
    );
  const known =
    accepted === undefined
      ? "For what it is approved, the recording does not show."
      : `On connection ${accepted.id} it was accepted with ${nameScopes(accepted.scopes.effective)}.`;
  return `The device ${asked}, which is more than it is approved for. ${known}`;
}

function describeMetadata({ handshake: { connect } }: Connection): string {
  const { platform = "", deviceFamily = null } = connect?.client ?? {};
  return `platform ${platform === "" ? "(none)" : platform} and device family ${deviceFamily ?? "(none)"}`;
}

function judgeMetadata(
  connection: Connection,
  relatives: Relatives,
  fix: string,
): Pick<Cause, "why" | "fix"> {
  const said = describeMetadata(connection);
  const others = relatives.ofDevice(connection).filter((other) => describeMetadata(other) !== said);
  const [first] = others;
  const base =
    "The device's platform or device family is not what it was when the device was approved.";
  if (first === undefined) {
    const why = `${base} It says ${said}; what it said before, the recording does not show.`;
    return { why, fix };
  }
  return {
    why: `${base} As ${nameClient(connection)} it says ${said}; as ${nameClient(first)}, on ${listConnections(others)}, it says ${describeMetadata(first)}. Approving the one does not last while the other says something else.`,
    fix: `Let all clients of this device send the same platform and deviceFamily in connect.params.client. ${fix}`,
  };
}

function explainNoSilentPairing(
  connection: Connection,
  relatives: Relatives,
  profile: Profile,
): string {
  const { connect } = connection.handshake;
  const { role, scopes, client } = connect ?? { role: "operator", scopes: null, client: null };
  if (role !== "operator" && (scopes ?? []).length > 0) {
    return `A device with the role ${role} is paired silently only when it asks for no scopes; this one asks for ${nameScopes(scopes)}.`;
  }
  const forwarding = connection.upgrade?.forwardingHeaders ?? [];
  if (forwarding.length > 0) {
    return `Only a local device is paired silently, and a forwarding header (${forwarding.join(", ")}) makes this one remote to the Gateway, whatever its peer.${mentionUnforwarded(connection, relatives)}`;
  }
  if (connection.peerIsLoopback !== true) {
    return `Only a device that connects from a loopback address is paired silently; this one's peer, as the Gateway saw it: ${namePeer(connection)}.`;
  }
  const host = connection.upgrade?.host ?? null;
  if (
    profile.localNeedsLoopbackHost === true &&
    host !== null &&
    isLoopbackAddress(host) !== true
  ) {
    return `On this version only a device that names a loopback Host is paired silently; this one's is ${host}.`;
  }
  const isScreen =
    client !== null &&
    (look(profile.operatorUis, client.id) === true ||
      client.mode === "webchat" ||
      client.id === "webchat-ui");
  return connection.upgrade === null || connection.upgrade.origin === null || isScreen
    ? "A device that connects from a loopback address is normally paired silently; why this one was not, the recording does not show."
    : "A device that connects from a loopback address is paired silently only when it sends no Origin header, as this one did.";
}

// The same kind of client without the header: if that was let in, the header is the cause.
function mentionUnforwarded(connection: Connection, relatives: Relatives): string {
  const accepted = relatives
    .acceptedOfClient(connection)
    .filter(
      ({ handshake, upgrade }) =>
        handshake.connect?.device !== null && upgrade?.forwardingHeaders.length === 0,
    );
  if (accepted.length === 0) return "";
  return ` Without one, the same kind of client was accepted on ${listConnections(accepted)}.`;
}

/** True for an id as OpenClaw makes them: a word that a shell takes as it is, and that no program takes for an option. */
export function isPlainId(text: string): boolean {
  return /^\w[\w.:-]*$/.test(text);
}

/** A text as one word of a command for a POSIX shell: quoted where it needs to be, and never taken for an option. */
export function shellWord(text: string): string {
  if (/^[\w./][\w./:@%+,=-]*$/.test(text)) return text;
  // Without a backslash, since Markdown would take one away.
  const quoted = `'${text.replaceAll("'", `'"'"'`)}'`;
  return text.startsWith("-") ? `-- ${quoted}` : quoted;
}
