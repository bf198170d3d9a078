import type { FindingCode } from "./catalogue.ts";
import type { Refusal } from "../gateway/connect.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { diagnoseCredential } from "./credentials.ts";
import { diagnoseDevice } from "./device-identity.ts";
import { diagnosePairing } from "./pairing.ts";
import { type Cause, type FindingDraft, type RuleContext, refusesAs, type Advice } from "./rule.ts";
import { INVALID_HANDSHAKE, nameClient } from "./wording.ts";
import { ownField, isJsonObject } from "../gateway/json-object.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";

/** A connect that the Gateway answered with an error: its cause, by `details.code` or, where there is none, by its text. */
export function diagnoseConnectRefused(
  connection: Connection,
  context: RuleContext,
): FindingDraft | null {
  const { refusal, connectEntry, answerEntry } = connection.handshake;
  if (refusal === null) return null;
  const { evidence = [], ...cause } =
    diagnosePairing(connection, refusal, context) ??
    diagnoseCredential(connection, refusal, context) ??
    diagnoseDevice(connection, refusal, context) ??
    withCode("protocol-mismatch", adviseProtocol(connection, refusal, context)) ??
    withCode("origin-not-allowed", adviseOrigin(connection, refusal, context)) ??
    diagnoseOther(refusal);
  return {
    ...cause,
    title: `connect was refused: ${refusal.message}`,
    evidence: [connectEntry, answerEntry, connection.close?.entry ?? null, ...evidence],
  };
}

function withCode(code: FindingCode, advice: Advice | null): Cause | null {
  return advice && { code, ...advice };
}

function diagnoseOther(refusal: Refusal): Cause {
  if (refusal.code === "UNAVAILABLE") {
    return {
      code: "gateway-starting",
      why: "The Gateway was still starting, or shutting down.",
      fix: "Connect again in a few seconds.",
    };
  }
  if (INVALID_HANDSHAKE.test(refusal.message)) {
    return {
      code: "invalid-handshake",
      why: "The first frame is not a connect request that this Gateway version accepts.",
      fix: "Send a connect request with the fields of this Gateway's protocol version first.",
    };
  }
  const detail = refusal.detailCode === null ? "" : ` (${refusal.detailCode})`;
  return {
    code: "connect-refused",
    why: `The Gateway answered ${refusal.code}${detail}. No more is known of such a refusal.`,
    fix: "Look at the refused connect and the Gateway's log at that time.",
  };
}

// A connect refused because the two sides speak no common protocol; null when it was refused for another reason.
function adviseProtocol(
  { handshake: { connect } }: Connection,
  refusal: Refusal,
  { profile, trace }: RuleContext,
): Advice | null {
  if (!refusesAs(refusal, /^PROTOCOL_MISMATCH$/, /^protocol mismatch/)) return null;
  if (/reload this page/.test(refusal.message)) {
    return {
      why: "The Control UI page belongs to another build than the Gateway.",
      fix: "Reload the page.",
    };
  }
  const spoken = spokenProtocol(refusal, trace, profile);
  const [from, to] = [connect?.minProtocol ?? null, connect?.maxProtocol ?? null];
  return {
    why: `The client speaks protocol ${from ?? "?"} to ${to ?? "?"}, the Gateway ${spoken ?? "another"}.`,
    fix: `${adviseRange(from, to, spoken)}${nameProtocols()}`,
  };
}

/** What the refusal says counts first, then what another hello-ok of the recording says, then what was measured on the version. */
function spokenProtocol(refusal: Refusal, { connections }: Trace, profile: Profile): number | null {
  const details = isJsonObject(refusal.details) ? refusal.details : {};
  const told = ownField(details, "expectedProtocol");
  if (typeof told === "number") return told;
  const seen = connections.find(({ handshake }) => handshake.hello?.protocol != null);
  const { protocol } = profile;
  return seen?.handshake.hello?.protocol ?? (protocol === NOT_MEASURED ? null : protocol);
}

function adviseRange(from: number | null, to: number | null, spoken: number | null): string {
  if (spoken === null || from === null || to === null) return "Update the older of the two.";
  const range = `${Math.min(from, spoken)} to ${Math.max(to, spoken)}`;
  return `Update the older of the two, or let the client advertise protocol ${range} in connect.params (minProtocol, maxProtocol) if it can speak ${spoken}.`;
}

/** Which measured versions speak which protocol. */
function nameProtocols(): string {
  const protocols = new Set(measuredProfiles().map(({ protocol }) => protocol));
  const spoken = [...protocols].map((number) => {
    const versions = measuredProfiles().filter(({ protocol }) => protocol === number);
    return ` Protocol ${number} was measured on OpenClaw ${versions.map(({ version }) => version).join(", ")}.`;
  });
  return spoken.join("");
}

const ALLOWED = "gateway.controlUi.allowedOrigins";

// A connect refused for its Origin header, or for having none; null when it was refused for another reason.
function adviseOrigin(
  connection: Connection,
  refusal: Refusal,
  { profile }: RuleContext,
): Advice | null {
  if (!refusesAs(refusal, /^CONTROL_UI_ORIGIN_NOT_ALLOWED$/, /^origin not allowed/)) return null;
  const client = nameClient(connection);
  // What the upgrade carried is not known where it was not recorded.
  const origin = connection.upgrade?.origin ?? null;
  if (connection.upgrade !== null && origin === null) {
    return {
      why: `A ${client} client is taken for a page in a browser and has to send an Origin header; this one sent none, so no entry of ${ALLOWED} can match.`,
      fix: `Let the client send an Origin header that the Gateway allows (its own address, or an entry of ${ALLOWED}), or connect as a client that is no browser page.`,
    };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(origin ?? "")?.[1]?.toLowerCase() ?? null;
  if (origin !== null && scheme === null) {
    return {
      why: `The Origin header is "${origin}", which is no address of a page, so no entry of ${ALLOWED} can match.`,
      fix: `Open the page from an http or https address, and add that origin to ${ALLOWED}.`,
    };
  }
  const mayBeNull = profile.customSchemeOriginIsNull !== false;
  if (scheme !== null && scheme !== "http" && scheme !== "https" && mayBeNull) {
    const versions = describeVersions("customSchemeOriginIsNull", true);
    return {
      why: `The Gateway does not allow the origin ${origin} for a ${client} client. Where an origin of a scheme of its own, such as ${scheme}://, is compared as null (measured on ${versions}), no entry of ${ALLOWED} for it ever matches.`,
      fix: `Adding ${origin} to ${ALLOWED} does not help there. Serve the page from an http or https origin and add that one, use a Gateway version that compares such origins as they are, or allow every origin with "*".`,
    };
  }
  return {
    why: `The Gateway does not allow the origin ${origin ?? "of this client"} for a ${client} client.`,
    fix: `Add ${origin ?? "the origin"} to ${ALLOWED}, or open the Control UI from the Gateway's own address.`,
  };
}
