import type { Refusal } from "../gateway/connect.ts";
import { ownField, isJsonObject } from "../gateway/json-object.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { refusesAs, type Cause, type RuleContext } from "./rule.ts";

/** A connect refused because the two sides speak no common protocol; null when it was refused for another reason. */
export function diagnoseProtocol(
  { handshake: { connect } }: Connection,
  refusal: Refusal,
  { profile, trace }: RuleContext,
): Cause | null {
  if (!refusesAs(refusal, /^PROTOCOL_MISMATCH$/, /^protocol mismatch/)) return null;
  const code = "protocol-mismatch";
  if (/reload this page/.test(refusal.message)) {
    return {
      code,
      why: "The Control UI page belongs to another build than the Gateway.",
      fix: "Reload the page.",
    };
  }
  const spoken = spokenProtocol(refusal, trace, profile);
  const [from, to] = [connect?.minProtocol ?? null, connect?.maxProtocol ?? null];
  return {
    code,
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
