import type { Refusal } from "../gateway/connect.ts";
import type { Connection } from "../trace/model.ts";
import type { FindingDraft } from "./rule.ts";
import { isPlainId, shellWord } from "./shell-word.ts";
import { namePeer, nameScopes } from "./wording.ts";

/** A connect refused until somebody approves the device, or what it newly asks for; null when it was refused for another reason. */
export function diagnosePairing(
  connection: Connection,
  refusal: Refusal,
): Pick<FindingDraft, "code" | "why" | "fix"> | null {
  const isPairing =
    refusal.detailCode === null
      ? refusal.message.startsWith("pairing required")
      : refusal.detailCode === "PAIRING_REQUIRED";
  if (!isPairing) return null;
  const fix = howToApprove(refusal.requestId);
  switch (refusal.reason) {
    case "scope-upgrade":
      return {
        code: "scope-upgrade-required",
        why: `The device is approved for ${nameScopes(refusal.approvedScopes)} and asks for ${nameScopes(refusal.requestedScopes)}.`,
        fix,
      };
    case "role-upgrade":
      return {
        code: "role-upgrade-required",
        why: `The device is paired, but not for the role ${connection.handshake.connect?.role ?? "it asks for"}.`,
        fix,
      };
    case "metadata-upgrade":
      return {
        code: "metadata-upgrade-required",
        why: "The device's platform or device family is not what it was when the device was approved.",
        fix,
      };
    default:
      return {
        code: "pairing-required",
        why: `The device is not approved yet. ${explainNoSilentPairing(connection)}`,
        fix,
      };
  }
}

/** The command stands last, so that it can be copied. What it names came from the wire. */
function howToApprove(requestId: string | null): string {
  const warning =
    requestId === null || isPlainId(requestId)
      ? ""
      : "Look at the id of the request first: OpenClaw makes none with such characters, so it is quoted here. ";
  const word = requestId === null ? "<requestId>" : shellWord(requestId);
  return `${warning}Approve it from a client that holds operator.pairing and the scopes asked for: openclaw devices approve ${word}`;
}

function explainNoSilentPairing(connection: Connection): string {
  const { role, scopes } = connection.handshake.connect ?? { role: "operator", scopes: null };
  if (role !== "operator" && (scopes ?? []).length > 0) {
    return `A device with the role ${role} is paired silently only when it asks for no scopes; this one asks for ${nameScopes(scopes)}.`;
  }
  if (connection.peerIsLoopback !== true) {
    return `Only a device that connects from a loopback address is paired silently; this one's peer, as the Gateway saw it: ${namePeer(connection)}.`;
  }
  return connection.upgrade?.origin === null
    ? "A device that connects from a loopback address is normally paired silently; nodes.pairing.autoApproveLocal is probably off."
    : "A device that connects from a loopback address is paired silently only when it sends no Origin header, as this one did.";
}
