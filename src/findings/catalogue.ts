/** How bad a finding is: `error` something failed, `warning` something is about to, `info` worth knowing. */
export type Severity = "error" | "warning" | "info";

/** What a finding code stands for. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** One sentence: when it speaks. */
  readonly says: string;
}

/** Every finding there is. Codes that share a prefix are a family: `missing-scope` means all `missing-scope-*`. */
export const CATALOGUE = {
  "missing-scope-dropped": {
    severity: "error",
    says: "A call was refused for a scope that the connection asked for, but the Gateway dropped at the handshake.",
  },
  "missing-scope-not-requested": {
    severity: "error",
    says: "A call was refused for a scope that the connection never asked for.",
  },
  "missing-scope-not-effective": {
    severity: "error",
    says: "A call was refused for a scope that hello-ok reports as granted.",
  },
  "missing-scope-for-params": {
    severity: "error",
    says: "A call was refused although the connection holds what the method needs: its params need more.",
  },
  "missing-scope-unknown-method": {
    severity: "error",
    says: "A call was refused for a scope because the Gateway does not have its method.",
  },
  "missing-scope-unexplained": {
    severity: "error",
    says: "A call was refused for a scope, and what the connection asked for was not recorded.",
  },
  "unknown-method": {
    severity: "error",
    says: "A call was refused because the Gateway does not have its method.",
  },
  "role-not-allowed": {
    severity: "error",
    says: "A call was refused because the method is not for that role.",
  },
  "token-change-denied": {
    severity: "error",
    says: "Rotating or revoking a device token, or approving a pairing, was denied by the handler.",
  },
  "caller-denied": {
    severity: "error",
    says: "A call was denied by a rule of its method about who calls, in words that name no scope.",
  },
  "rpc-refused": {
    severity: "error",
    says: "A call never ran: the Gateway took its request for invalid, though the scopes were enough.",
  },
  "rpc-failed": {
    severity: "info",
    says: "A call ran and failed with an error that has nothing to do with scopes.",
  },
  "rpc-unanswered": {
    severity: "warning",
    says: "A request got no answer before its connection ended.",
  },
  "pairing-required": {
    severity: "error",
    says: "The connect was refused until the device is approved.",
  },
  "scope-upgrade-required": {
    severity: "error",
    says: "The connect was refused because the device asks for more scopes than it is approved for.",
  },
  "role-upgrade-required": {
    severity: "error",
    says: "The connect was refused because the device asks for a role that it is not approved for.",
  },
  "metadata-upgrade-required": {
    severity: "error",
    says: "The connect was refused because the device's platform or family changed since it was approved.",
  },
  "device-identity-required": {
    severity: "error",
    says: "The connect was refused for want of a device identity.",
  },
  "device-proof-invalid": {
    severity: "error",
    says: "The connect was refused because the device's id, nonce, time or signature does not hold.",
  },
  "credential-missing": {
    severity: "error",
    says: "The connect was refused because it carries no credential.",
  },
  "credential-wrong": {
    severity: "error",
    says: "The connect was refused because its credential does not match.",
  },
  "credential-misleading": {
    severity: "error",
    says: 'The connect was refused as a "token mismatch", but its cause may be the scopes it asks for.',
  },
  "credential-scope-mismatch": {
    severity: "error",
    says: "The connect was refused because its device token covers fewer scopes than it asks for.",
  },
  "rate-limited": {
    severity: "error",
    says: "The connect was refused after too many failed attempts.",
  },
  "protocol-mismatch": {
    severity: "error",
    says: "The client and the Gateway speak no common protocol version.",
  },
  "origin-not-allowed": {
    severity: "error",
    says: "The connect was refused for its Origin header.",
  },
  "gateway-starting": {
    severity: "warning",
    says: "The connect was refused because the Gateway was not ready.",
  },
  "invalid-handshake": {
    severity: "error",
    says: "The first frame was not a valid connect request.",
  },
  "connect-refused": { severity: "error", says: "The connect was refused for another reason." },
  "upgrade-refused": {
    severity: "error",
    says: "The Gateway answered the WebSocket upgrade with an HTTP error.",
  },
  "upgrade-unanswered": {
    severity: "error",
    says: "The WebSocket upgrade got no answer until the client gave up.",
  },
  "closed-before-hello": {
    severity: "error",
    says: "The connection ended before the Gateway answered connect.",
  },
  "gateway-unreachable": {
    severity: "error",
    says: "The tap could not reach the Gateway for this client.",
  },
  "scopes-not-granted": {
    severity: "warning",
    says: "The connection holds fewer scopes than it asked for, though no call has failed for it yet.",
  },
  "hello-overstates-scopes": {
    severity: "info",
    says: "hello-ok reports scopes that the connection does not hold.",
  },
  "unreadable-message": {
    severity: "warning",
    says: "A message is no Gateway frame, or bytes are no WebSocket message.",
  },
  "response-without-request": {
    severity: "warning",
    says: "A response answers no open request of its connection.",
  },
  "duplicate-request-id": {
    severity: "warning",
    says: "A request id was used again while its first request still waited.",
  },
  "repeated-message": {
    severity: "warning",
    says: "One side sent the same message twice in a row.",
  },
  "repeated-idempotency-key": {
    severity: "warning",
    says: "Two requests carry the same idempotency key: a double send, or a retry.",
  },
  "event-before-hello": {
    severity: "warning",
    says: "An event other than connect.challenge came before hello-ok.",
  },
  "rpc-before-hello": {
    severity: "warning",
    says: "A request was sent before the Gateway accepted the connection.",
  },
  "sequence-gap": { severity: "warning", says: "Event numbers skip: events never arrived." },
  "sequence-regression": { severity: "warning", says: "Event numbers went backwards." },
  "tick-silence": {
    severity: "warning",
    says: "The Gateway was silent for more than twice its tick interval.",
  },
  "oversized-message": { severity: "warning", says: "A message is larger than policy.maxPayload." },
  "slow-consumer": {
    severity: "error",
    says: "The Gateway closed a connection that did not read fast enough.",
  },
  "message-too-large": {
    severity: "error",
    says: "The Gateway closed a connection (1009) for a message larger than it takes.",
  },
  "closed-abnormally": {
    severity: "warning",
    says: "An accepted connection ended without a WebSocket close (1006), and not by the client.",
  },
  "slow-call": {
    severity: "info",
    says: "A call took far longer than the same method usually does in this recording.",
  },
  "error-burst": { severity: "warning", says: "Many calls in a row failed on one connection." },
  "reconnect-storm": {
    severity: "warning",
    says: "One client connected again and again within seconds.",
  },
  "scopes-shrank": {
    severity: "warning",
    says: "A device reconnected and holds fewer scopes than before.",
  },
  "tap-changes-locality": {
    severity: "warning",
    says: "gw-trace stood where it changes whether the Gateway takes clients for local, so grants may differ for it.",
  },
  "recording-incomplete": {
    severity: "warning",
    says: "Part of the recording is missing, so findings may be missing too.",
  },
  "recording-not-redacted": {
    severity: "warning",
    says: "The recording holds credentials in clear.",
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The code of a finding, as in the catalogue. */
export type FindingCode = keyof typeof CATALOGUE;

/** True when `code` is `wanted` or belongs to the family of that name. */
export function isFinding(code: string, wanted: string): boolean {
  return code === wanted || code.startsWith(`${wanted}-`);
}
