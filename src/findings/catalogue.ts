/** How bad a finding is: `error` something failed, `warning` something is about to, `info` worth knowing. */
export type Severity = "error" | "warning" | "info";

/** What a finding code stands for. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** One sentence: when it speaks. */
  readonly says: string;
}

const error = (says: string) => ({ severity: "error", says }) as const;
const warning = (says: string) => ({ severity: "warning", says }) as const;
const info = (says: string) => ({ severity: "info", says }) as const;

/** Every finding there is. Codes that share a prefix are a family: `missing-scope` means all `missing-scope-*`. */
export const CATALOGUE = {
  "missing-scope-dropped": error(
    "A call was refused for a scope that the connection asked for, but the Gateway dropped at the handshake.",
  ),
  "missing-scope-not-requested": error(
    "A call was refused for a scope that the connection never asked for.",
  ),
  "missing-scope-not-effective": error(
    "A call was refused for a scope that hello-ok reports as granted.",
  ),
  "missing-scope-for-params": error(
    "A call was refused although the connection holds what the method needs: its params need more.",
  ),
  "missing-scope-unknown-method": error(
    "A call was refused for a scope because the Gateway does not have its method.",
  ),
  "missing-scope-unexplained": error(
    "A call was refused for a scope, and what the connection asked for was not recorded.",
  ),
  "unknown-method": error("A call was refused because the Gateway does not have its method."),
  "role-not-allowed": error("A call was refused because the method is not for that role."),
  "token-change-denied": error(
    "Rotating or revoking a device token, or approving a pairing, was denied by the handler.",
  ),
  "caller-denied": error(
    "A call was denied by a rule of its method about who calls, in words that name no scope.",
  ),
  "rpc-refused": error(
    "A call never ran: the Gateway took its request for invalid, though the scopes were enough.",
  ),
  "rpc-failed": info("A call ran and failed with an error that has nothing to do with scopes."),
  "rpc-unanswered": warning("A request got no answer before its connection ended."),
  "pairing-required": error("The connect was refused until the device is approved."),
  "scope-upgrade-required": error(
    "The connect was refused because the device asks for more scopes than it is approved for.",
  ),
  "role-upgrade-required": error(
    "The connect was refused because the device asks for a role that it is not approved for.",
  ),
  "metadata-upgrade-required": error(
    "The connect was refused because the device's platform or family changed since it was approved.",
  ),
  "device-identity-required": error("The connect was refused for want of a device identity."),
  "device-proof-invalid": error(
    "The connect was refused because the device's id, nonce, time or signature does not hold.",
  ),
  "credential-missing": error("The connect was refused because it carries no credential."),
  "credential-wrong": error("The connect was refused because its credential does not match."),
  "credential-misleading": error(
    'The connect was refused as a "token mismatch", but its cause may be the scopes it asks for.',
  ),
  "credential-scope-mismatch": error(
    "The connect was refused because its device token covers fewer scopes than it asks for.",
  ),
  "rate-limited": error("The connect was refused after too many failed attempts."),
  "protocol-mismatch": error("The client and the Gateway speak no common protocol version."),
  "origin-not-allowed": error("The connect was refused for its Origin header."),
  "gateway-starting": warning("The connect was refused because the Gateway was not ready."),
  "invalid-handshake": error("The first frame was not a valid connect request."),
  "connect-refused": error("The connect was refused for another reason."),
  "upgrade-refused": error("The Gateway answered the WebSocket upgrade with an HTTP error."),
  "upgrade-unanswered": error("The WebSocket upgrade got no answer until the client gave up."),
  "closed-before-hello": error("The connection ended before the Gateway answered connect."),
  "gateway-unreachable": error("The tap could not reach the Gateway for this client."),
  "scopes-not-granted": warning(
    "The connection holds fewer scopes than it asked for, though no call has failed for it yet.",
  ),
  "hello-overstates-scopes": info("hello-ok reports scopes that the connection does not hold."),
  "unreadable-message": warning(
    "A message is no Gateway frame, or bytes are no WebSocket message.",
  ),
  "response-without-request": warning("A response answers no open request of its connection."),
  "duplicate-request-id": warning(
    "A request id was used again while its first request still waited.",
  ),
  "repeated-message": warning("One side sent the same message twice in a row."),
  "repeated-idempotency-key": warning(
    "Two requests carry the same idempotency key: a double send, or a retry.",
  ),
  "event-before-hello": warning("An event other than connect.challenge came before hello-ok."),
  "rpc-before-hello": warning("A request was sent before the Gateway accepted the connection."),
  "sequence-gap": warning("Event numbers skip: events never arrived."),
  "sequence-regression": warning("Event numbers went backwards."),
  "tick-silence": warning("The Gateway was silent for more than twice its tick interval."),
  "oversized-message": warning("A message is larger than policy.maxPayload."),
  "slow-consumer": error("The Gateway closed a connection that did not read fast enough."),
  "message-too-large": error(
    "The Gateway closed a connection (1009) for a message larger than it takes.",
  ),
  "closed-abnormally": warning(
    "An accepted connection ended without a WebSocket close (1006), and not by the client.",
  ),
  "slow-call": info("A call took far longer than the same method usually does in this recording."),
  "error-burst": warning("Many calls in a row failed on one connection."),
  "reconnect-storm": warning("One client connected again and again within seconds."),
  "scopes-shrank": warning("A device reconnected and holds fewer scopes than before."),
  "tap-changes-locality": warning(
    "gw-trace stood where it changes whether the Gateway takes clients for local, so grants may differ for it.",
  ),
  "recording-incomplete": warning(
    "Part of the recording is missing, so findings may be missing too.",
  ),
  "recording-not-redacted": warning("The recording holds credentials in clear."),
} as const satisfies Record<string, CatalogueEntry>;

/** The code of a finding, as in the catalogue. */
export type FindingCode = keyof typeof CATALOGUE;

/** True when `code` is `wanted` or belongs to the family of that name. */
export function isFinding(code: string, wanted: string): boolean {
  return code === wanted || code.startsWith(`${wanted}-`);
}
