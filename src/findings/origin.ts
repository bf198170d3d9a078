import type { Refusal } from "../gateway/connect.ts";
import { describeVersions } from "../gateway/rules.ts";
import type { Connection } from "../trace/model.ts";
import { refusesAs, type Cause, type RuleContext } from "./rule.ts";
import { nameClient } from "./wording.ts";

const ALLOWED = "gateway.controlUi.allowedOrigins";

/** A connect refused for its Origin header, or for having none; null when it was refused for another reason. */
export function diagnoseOrigin(
  connection: Connection,
  refusal: Refusal,
  { profile }: RuleContext,
): Cause | null {
  if (!refusesAs(refusal, /^CONTROL_UI_ORIGIN_NOT_ALLOWED$/, /^origin not allowed/)) return null;
  const code = "origin-not-allowed";
  const client = nameClient(connection);
  // What the upgrade carried is not known where it was not recorded.
  const origin = connection.upgrade?.origin ?? null;
  if (connection.upgrade !== null && origin === null) {
    return {
      code,
      why: `A ${client} client is taken for a page in a browser and has to send an Origin header; this one sent none, so no entry of ${ALLOWED} can match.`,
      fix: `Let the client send an Origin header that the Gateway allows (its own address, or an entry of ${ALLOWED}), or connect as a client that is no browser page.`,
    };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(origin ?? "")?.[1]?.toLowerCase() ?? null;
  if (origin !== null && scheme === null) {
    return {
      code,
      why: `The Origin header is "${origin}", which is no address of a page, so no entry of ${ALLOWED} can match.`,
      fix: `Open the page from an http or https address, and add that origin to ${ALLOWED}.`,
    };
  }
  const mayBeNull = profile.customSchemeOriginIsNull !== false;
  if (scheme !== null && scheme !== "http" && scheme !== "https" && mayBeNull) {
    const versions = describeVersions(({ customSchemeOriginIsNull }) => customSchemeOriginIsNull);
    return {
      code,
      why: `The Gateway does not allow the origin ${origin} for a ${client} client. Where an origin of a scheme of its own, such as ${scheme}://, is compared as null (measured on ${versions}), no entry of ${ALLOWED} for it ever matches.`,
      fix: `Adding ${origin} to ${ALLOWED} does not help there. Serve the page from an http or https origin and add that one, use a Gateway version that compares such origins as they are, or allow every origin with "*".`,
    };
  }
  return {
    code,
    why: `The Gateway does not allow the origin ${origin ?? "of this client"} for a ${client} client.`,
    fix: `Add ${origin ?? "the origin"} to ${ALLOWED}, or open the Control UI from the Gateway's own address.`,
  };
}
