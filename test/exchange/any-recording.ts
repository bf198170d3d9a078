import fc from "fast-check";
import type { NewEntry, NewRecordingHeader } from "../../src/recording/entry.ts";
import type { Message } from "../../src/wire/message.ts";

/** Any text that UTF-8 can hold, with line breaks, quotes, U+2028 and emoji among it. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "\n", "\u2028", '"', "\\", "\u0000", "\uFEFF", "🦞", "null"),
);
const maybe = fc.option(text, { nil: null });
const side = fc.constantFrom("client" as const, "gateway" as const);
const bytes = fc.uint8Array({ maxLength: 40 });
const count = fc.nat();
const headers = fc.array(fc.tuple(text, text), { maxLength: 4 });

/** Recordings hold times in whole microseconds. */
const atMs = fc.integer({ min: 0, max: 10 ** 12 }).map((us) => us / 1000);
const wallMs = fc.integer({ min: -(10 ** 12), max: 2 * 10 ** 15 }).map((us) => us / 1000);
const times = { atMs, wallMs, connection: fc.nat({ max: 9 }) };

/** Frames as a Gateway writes them, and JSON that is not what `JSON.stringify` would write. */
const frameText = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.json({ maxDepth: 2 }).map((json) => `{"type":"req","id":"1","params":${json}}`),
  fc.constantFrom(
    '{"a":1.0}',
    '{"a":1e400}',
    '{ "spaced": true }',
    '{"a":1,"a":2}',
    '{"2":1,"1":2}',
    '{"__proto__":{"x":1}}',
    '{"a":12345678901234567890}',
    '{"a":"\\u0041"}',
    "{}",
    "[]",
    `${"[".repeat(3000)}${"]".repeat(3000)}`,
    `{"a":${"[".repeat(3000)}${"]".repeat(3000)}}`,
  ),
);

const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 4, arbitrary: frameText.map((json) => ({ type: "text" as const, text: json })) },
  text.map((value) => ({ type: "text" as const, text: value })),
  fc.record({ type: fc.constantFrom("binary" as const, "ping" as const, "pong" as const), bytes }),
  fc.record({
    type: fc.constant("close" as const),
    code: fc.nat({ max: 65_535 }),
    reason: text,
  }),
  fc.constant({ type: "close" as const, code: null, reason: "" }),
);

/** Any entry that a recording can hold. */
export const anyEntry: fc.Arbitrary<NewEntry> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("message" as const),
      ...times,
      from: side,
      message,
      sizeBytes: count,
      redacted: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant("opened" as const),
    ...times,
    clientAddress: maybe,
    peerAddress: maybe,
    gatewayAddress: maybe,
  }),
  fc.record({
    kind: fc.constant("http-request" as const),
    ...times,
    method: text,
    target: text,
    headers,
    redacted: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("http-response" as const),
    ...times,
    status: fc.nat({ max: 999 }),
    reason: text,
    headers,
    redacted: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("http-body" as const),
    ...times,
    from: side,
    content: fc.oneof(
      text.map((value) => ({ type: "text" as const, text: value })),
      bytes.map((value) => ({ type: "binary" as const, bytes: value })),
    ),
    omitted: fc.constant(null),
    sizeBytes: count,
    redacted: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("http-body" as const),
    ...times,
    from: side,
    content: fc.constant(null),
    omitted: text,
    sizeBytes: count,
    redacted: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("undecodable" as const),
    ...times,
    from: side,
    reason: text,
    sizeBytes: count,
    bytes,
  }),
  fc.record({
    kind: fc.constant("closed" as const),
    ...times,
    by: fc.constantFrom("client" as const, "gateway" as const, "tap" as const),
    how: fc.constantFrom(
      "fin" as const,
      "reset" as const,
      "unreachable" as const,
      "stopped" as const,
    ),
    error: maybe,
  }),
  fc.record({
    kind: fc.constant("gap" as const),
    ...times,
    reason: text,
    missingEntries: fc.nat({ max: 1000 }),
    missingBytes: count,
    untilMs: atMs,
  }),
);

/** Any header that a maker of recordings can write, in clear: redaction would change the entries. */
export const anyHeader: fc.Arbitrary<NewRecordingHeader> = fc.record({
  source: fc.constantFrom(
    "tap" as const,
    "replayed-gateway" as const,
    "replayed-client" as const,
    "import" as const,
  ),
  startedAt: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  upstream: maybe,
  listen: maybe,
  redaction: fc.constant("off" as const),
  replayOf: fc.array(text, { maxLength: 3 }),
  assumedPeer: maybe,
  localityChange: fc.constantFrom(
    null,
    "remote-becomes-local" as const,
    "local-becomes-remote" as const,
  ),
  part: fc.option(fc.integer({ min: 1, max: 99 }), { nil: null }),
  scrubbed: fc.constantFrom(
    null,
    "credentials" as const,
    "identifiers" as const,
    "content" as const,
  ),
});
