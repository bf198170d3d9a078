/**
 * Fields whose value is new in every run: frame ids, nonces, signatures, what a client makes up for one call, and what
 * a Gateway numbers. Two requests that differ only in these mean the same. Durations and process ids count as well.
 */
const VOLATILE_FIELDS: ReadonlySet<string> = new Set([
  "bootId",
  "buildId",
  "childSessionKey",
  "connId",
  "durationMs",
  "expectedProfileId",
  "idempotencyKey",
  "instanceId",
  "nonce",
  "pid",
  "presence",
  "recipientProfileId",
  "requestId",
  "runId",
  "seq",
  "sessionId",
  "sessionKey",
  "signature",
  "signedAt",
  "stateVersion",
  "traceparent",
  "uptimeMs",
]);

/**
 * Fields that one side makes up and the other says back: an `agent` answer's `runId` is the request's `idempotencyKey`,
 * a device signs the challenge's `nonce`. A replay has to say the live value where the recording says the recorded one.
 */
export const ECHOED_FIELDS: ReadonlySet<string> = new Set([
  "childSessionKey",
  "idempotencyKey",
  "instanceId",
  "nonce",
  "requestId",
  "runId",
  "sessionId",
  "sessionKey",
]);

/** The echoed fields that name a lasting thing: many calls share one session key, so it does not tell them apart. */
export const LASTING_FIELDS: ReadonlySet<string> = new Set(["childSessionKey", "sessionKey"]);

const TIMESTAMP_FIELD = /^ts(?:[A-Z]|$)/;

/** True for a field that holds a moment in time: `ts…` and `…AtMs`, `…At`. */
export function isTimeField(name: string): boolean {
  return name.endsWith("At") || name.endsWith("AtMs") || TIMESTAMP_FIELD.test(name);
}

/** True when the field's value says nothing about what is asked. */
export function isVolatileField(name: string): boolean {
  return VOLATILE_FIELDS.has(name) || isTimeField(name);
}

// No UUID, and no date with time, is shorter: `2026-11-23 02:29`.
const SHORTEST_MASKED = 16;

/** UUIDs, as clients and Gateways put them into keys and prose. */
export const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

// `2026-11-23T02:29:24.575Z`, and `2026-11-23 02:29` as OpenClaw writes it into prompts.
const DATE_TIME =
  /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}| ?UTC)?/g;

/** Puts one word in place of each UUID and each date with time, so that texts from two runs can be compared. */
export function maskText(text: string): string {
  if (text.length < SHORTEST_MASKED || !mayBeMasked(text)) return text;
  return text.replace(UUID, "<uuid>").replace(DATE_TIME, "<time>");
}

// Hyphens are five characters apart in a UUID and three in a date. Prose without such is told by that much faster than by the patterns.
function mayBeMasked(text: string): boolean {
  for (let at = text.indexOf("-"); at >= 0; at = text.indexOf("-", at + 1)) {
    if (text[at + 5] === "-" || text[at + 3] === "-") return true;
  }
  return false;
}
