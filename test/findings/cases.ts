import type { FindingCode } from "../../src/findings/catalogue.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import type { Trace } from "../../src/trace/model.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { HEADER, traceOf } from "../support/traces.ts";

const REMOTE = { peerAddress: "100.64.0.5:40000", gatewayAddress: "100.64.0.5:18789" };
/** Every operator scope. */
export const ALL = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];
const BACKEND = { client: "gateway-client/backend" };

/** A refusal for want of a scope, as up to 2026.6. */
export function missing(id: string, scope: string) {
  return refused(id, "INVALID_REQUEST", `missing scope: ${scope}`);
}

function refusedConnect(
  details:
    | { readonly code?: string; readonly reason?: string; readonly requestId?: string }
    | undefined,
  message: string,
  asked: Parameters<typeof connect>[0] = {},
  code = "INVALID_REQUEST",
): Trace {
  return traceOf([
    conversation(
      {},
      challenge(),
      connect(asked),
      refused("connect-1", code, message, details),
      close("gateway", 1008, message),
    ),
  ]);
}

/** One accepted connection and what was called on it. */
export function talk(
  asked: Parameters<typeof connect>[0],
  hello: Parameters<typeof helloOk>[0],
  ...calls: Parameters<typeof conversation>[1][]
): Trace {
  return traceOf([conversation({}, challenge(), connect(asked), helloOk(hello), ...calls)]);
}

function unreachable(): Trace {
  const times = (atMs: number) => ({ atMs, wallMs: atMs, connection: 1 });
  const entries: NewEntry[] = [
    {
      ...times(1),
      kind: "opened",
      clientAddress: "127.0.0.1:1",
      peerAddress: null,
      gatewayAddress: null,
    },
    { ...times(2), kind: "closed", by: "tap", how: "unreachable", error: "ECONNREFUSED" },
  ];
  return traceOf([entries]);
}

function upgradeRefused(status: number): Trace {
  const entries = conversation({ headers: [["X-Forwarded-For", "10.0.0.9"]] });
  return traceOf([
    entries.map((entry) => (entry.kind === "http-response" ? { ...entry, status } : entry)),
  ]);
}

function failures(count: number): readonly Parameters<typeof conversation>[1][] {
  return Array.from({ length: count }, (_, index) => [
    req(`f${index}`, "x"),
    refused(`f${index}`, "UNAVAILABLE", "busy"),
  ]).flat();
}

function callsThatTook(...durationsMs: readonly number[]): readonly NewEntry[] {
  const entries = conversation(
    { ends: false },
    challenge(),
    connect(),
    helloOk({ tickIntervalMs: 60_000 }),
    ...durationsMs.flatMap((_, index) => [req(`${index}`, "health"), ok(`${index}`, index)]),
  );
  const firstCall = entries.length - 2 * durationsMs.length;
  let atMs = 100;
  return entries.map((entry, index) => {
    if (index < firstCall) return entry;
    // Every second entry from there on is an answer.
    atMs += (index - firstCall) % 2 === 0 ? 1 : (durationsMs[(index - firstCall - 1) / 2] ?? 0);
    return { ...entry, atMs };
  });
}

function refusedAgainAndAgain(times: number): readonly (readonly NewEntry[])[] {
  return Array.from({ length: times }, (_, index) =>
    conversation(
      { connection: index + 1, startMs: index * 1000 },
      challenge(),
      connect({ device: "d" }),
      refused("connect-1", "NOT_PAIRED", "pairing required", {
        code: "PAIRING_REQUIRED",
        reason: "not-paired",
      }),
      close("gateway", 1008, "pairing required"),
    ),
  );
}

function deviceWith(
  connection: number,
  asked: readonly string[],
  got: readonly string[],
  device = "d",
): readonly NewEntry[] {
  return conversation(
    { connection, startMs: connection * 100 },
    challenge(),
    connect({ device, scopes: asked, version: "2026.9.6" }),
    helloOk({ version: "2026.9.6", scopes: got }),
  );
}

/** For each code: a recording on which it speaks, and a very similar one on which it is silent. */
export const CASES: Readonly<
  Record<FindingCode, { readonly speaks: Trace; readonly silent: Trace; readonly says?: RegExp }>
> = {
  "missing-scope-dropped": {
    speaks: traceOf([
      conversation(
        REMOTE,
        challenge(),
        connect({ ...BACKEND, scopes: ["operator.write"] }),
        helloOk({ scopes: [] }),
        req("1", "agent"),
        missing("1", "operator.write"),
      ),
    ]),
    silent: talk(
      { ...BACKEND, scopes: ["operator.write"] },
      { scopes: ["operator.write"] },
      req("1", "agent"),
      ok("1"),
    ),
    says: /agent.*operator\.write[^]*device identity/,
  },
  "missing-scope-not-requested": {
    speaks: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "agent"),
      missing("1", "operator.write"),
    ),
    silent: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "status"),
      ok("1"),
    ),
    says: /asked for operator\.read/,
  },
  "missing-scope-not-effective": {
    speaks: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ALL, deviceToken: "t" },
      req("1", "agent"),
      missing("1", "operator.write"),
    ),
    silent: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "agent"),
      missing("1", "operator.write"),
    ),
    says: /scopes of the device token/,
  },
  "missing-scope-for-params": {
    speaks: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "talk.config", { includeSecrets: true }),
      missing("1", "operator.talk.secrets"),
    ),
    silent: talk(
      { device: "d", scopes: [] },
      { scopes: [] },
      req("1", "talk.config"),
      missing("1", "operator.read"),
    ),
    says: /needs operator\.read, which the connection holds/,
  },
  "role-not-allowed": {
    speaks: talk(
      { scopes: [] },
      {},
      req("1", "node.event"),
      refused("1", "INVALID_REQUEST", "unauthorized role: operator"),
    ),
    silent: talk(
      { scopes: [] },
      {},
      req("1", "node.event"),
      refused("1", "INVALID_REQUEST", "unauthorized"),
    ),
  },
  "token-change-denied": {
    speaks: traceOf([
      deviceWith(2, ALL, ALL, "target"),
      conversation(
        { connection: 1 },
        challenge(),
        connect({ device: "d", scopes: ["operator.pairing"] }),
        helloOk({ scopes: ["operator.pairing"] }),
        req("1", "device.token.rotate", { deviceId: "target", role: "operator" }),
        refused("1", "INVALID_REQUEST", "device token rotation denied"),
      ),
    ]),
    silent: talk(
      { device: "d", scopes: ["operator.admin"] },
      { scopes: ["operator.admin"] },
      req("1", "device.token.rotate"),
      ok("1"),
    ),
    says: /holds operator\.pairing\. The device it is about held all six operator scopes on connection 2/,
  },
  "caller-denied": {
    speaks: talk(
      { device: "d", scopes: ["operator.write"] },
      { scopes: ["operator.write"] },
      req("1", "agent", { provider: "openai", model: "x" }),
      refused(
        "1",
        "INVALID_REQUEST",
        "provider/model overrides are not authorized for this caller.",
      ),
    ),
    silent: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"], version: "2026.9.6" },
      req("1", "agent"),
      refused("1", "FORBIDDEN", "missing scope: operator.write", {
        code: "MISSING_SCOPE",
        missingScope: "operator.write",
      }),
    ),
    says: /only from a caller that holds operator\.admin/,
  },
  "rpc-failed": {
    speaks: talk({ scopes: [] }, {}, req("1", "health"), refused("1", "UNAVAILABLE", "busy")),
    silent: talk({ scopes: [] }, {}, req("1", "agent"), missing("1", "operator.write")),
  },
  "rpc-unanswered": {
    speaks: talk({ scopes: [] }, {}, req("1", "health"), close("gateway", 1012, "service restart")),
    silent: traceOf([
      conversation({ ends: false }, challenge(), connect(), helloOk(), req("1", "health")),
    ]),
    says: /1012 service restart/,
  },
  "pairing-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "not-paired", requestId: "r-1" },
      "pairing required",
      { device: "d" },
      "NOT_PAIRED",
    ),
    silent: refusedConnect(
      { code: "DEVICE_IDENTITY_REQUIRED" },
      "device identity required",
      {},
      "NOT_PAIRED",
    ),
    says: /openclaw devices approve r-1/,
  },
  "scope-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "scope-upgrade", requestId: "r-2" },
      "pairing required: more scopes",
      { device: "d" },
    ),
    silent: refusedConnect({ code: "PAIRING_REQUIRED", reason: "not-paired" }, "pairing required"),
    says: /approve r-2/,
  },
  "role-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "role-upgrade" },
      "pairing required",
      { role: "node", device: "d" },
    ),
    silent: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "scope-upgrade" },
      "pairing required",
    ),
    says: /role node/,
  },
  "metadata-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "metadata-upgrade" },
      "pairing required",
    ),
    silent: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "role-upgrade" },
      "pairing required",
    ),
  },
  "device-identity-required": {
    speaks: refusedConnect(
      { code: "DEVICE_IDENTITY_REQUIRED" },
      "device identity required",
      { auth: {} },
      "NOT_PAIRED",
    ),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing"),
    says: /says nothing about the token/,
  },
  "device-proof-invalid": {
    speaks: refusedConnect({ code: "DEVICE_AUTH_NONCE_MISMATCH" }, "device nonce mismatch", {
      device: "d",
    }),
    silent: refusedConnect({ code: "DEVICE_IDENTITY_REQUIRED" }, "device identity required"),
    says: /not the one of this connection's connect\.challenge/,
  },
  "credential-missing": {
    speaks: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing", {
      auth: {},
    }),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISMATCH" }, "unauthorized: gateway token mismatch"),
  },
  "credential-wrong": {
    speaks: refusedConnect(
      { code: "AUTH_PASSWORD_MISMATCH" },
      "unauthorized: gateway password mismatch",
      { auth: { password: "x" } },
    ),
    silent: refusedConnect(
      { code: "AUTH_RATE_LIMITED" },
      "unauthorized: too many failed authentication attempts",
    ),
  },
  "credential-misleading": {
    speaks: traceOf([
      conversation({}, challenge(), connect({ device: "d" }), helloOk({ version: "2026.5.4" })),
      conversation(
        { connection: 2, startMs: 50 },
        challenge(),
        connect({ device: "d", scopes: ALL, auth: { deviceToken: "x" } }),
        refused("connect-1", "INVALID_REQUEST", "unauthorized: device token mismatch", {
          code: "AUTH_DEVICE_TOKEN_MISMATCH",
        }),
      ),
    ]),
    // From 2026.6 on the Gateway names a scope mismatch as such, so the same text means what it says.
    silent: traceOf([
      conversation({}, challenge(), connect({ device: "d" }), helloOk({ version: "2026.6.11" })),
      conversation(
        { connection: 2, startMs: 50 },
        challenge(),
        connect({ device: "d", scopes: ALL, auth: { deviceToken: "x" } }),
        refused("connect-1", "INVALID_REQUEST", "unauthorized: device token mismatch", {
          code: "AUTH_DEVICE_TOKEN_MISMATCH",
        }),
      ),
    ]),
  },
  "credential-scope-mismatch": {
    speaks: refusedConnect(
      { code: "AUTH_SCOPE_MISMATCH" },
      "unauthorized: device token scope mismatch",
      { scopes: ALL },
    ),
    silent: refusedConnect(
      { code: "AUTH_DEVICE_TOKEN_MISMATCH" },
      "unauthorized: device token mismatch",
    ),
  },
  "rate-limited": {
    speaks: refusedConnect(
      undefined,
      "unauthorized: too many failed authentication attempts (retry later)",
    ),
    silent: refusedConnect(undefined, "unauthorized: gateway token mismatch"),
  },
  "protocol-mismatch": {
    speaks: refusedConnect({ code: "PROTOCOL_MISMATCH" }, "protocol mismatch", {
      protocol: [3, 3],
    }),
    silent: refusedConnect({ code: "CONTROL_UI_ORIGIN_NOT_ALLOWED" }, "origin not allowed"),
    says: /protocol 3 to 3, the Gateway another/,
  },
  "origin-not-allowed": {
    speaks: refusedConnect(
      { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason: "origin not allowed" },
      "origin not allowed",
    ),
    silent: refusedConnect({ code: "PROTOCOL_MISMATCH" }, "protocol mismatch"),
  },
  "gateway-starting": {
    speaks: refusedConnect(undefined, "gateway starting", {}, "UNAVAILABLE"),
    silent: refusedConnect(
      { code: "PROTOCOL_MISMATCH" },
      "protocol mismatch: reload this page",
      {},
      "UNAVAILABLE",
    ),
  },
  "invalid-handshake": {
    speaks: refusedConnect(
      undefined,
      "invalid connect params: at /client/id: must be equal to one of the allowed values",
    ),
    silent: refusedConnect(undefined, "something new"),
  },
  "connect-refused": {
    speaks: refusedConnect({ code: "BRAND_NEW" }, "something new"),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing"),
    says: /BRAND_NEW/,
  },
  "upgrade-refused": {
    speaks: upgradeRefused(403),
    silent: upgradeRefused(101),
    says: /trustedProxies/,
  },
  "upgrade-unanswered": {
    speaks: traceOf([conversation({}).filter(({ kind }) => kind !== "http-response")]),
    silent: traceOf([conversation({})]),
    says: /no answer within 3 ms/,
  },
  "closed-before-hello": {
    speaks: traceOf([
      conversation({}, challenge(), client("x".repeat(70_000)), close("gateway", 1009)),
    ]),
    silent: traceOf([conversation({}, challenge(), close("client", 1000))]),
    says: /65,536 bytes/,
  },
  "gateway-unreachable": {
    speaks: unreachable(),
    silent: traceOf([conversation({}, challenge(), connect(), close("gateway", 1006))]),
    says: /ECONNREFUSED/,
  },
  "scopes-not-granted": {
    speaks: talk({ scopes: ["operator.read"] }, { scopes: [] }),
    silent: talk(
      { scopes: ["operator.read"] },
      { scopes: [] },
      req("1", "status"),
      missing("1", "operator.read"),
    ),
    says: /holds no scopes/,
  },
  "hello-overstates-scopes": {
    speaks: talk({ device: "d", scopes: ["operator.read"] }, { scopes: ALL, deviceToken: "t" }),
    silent: talk({ device: "d", scopes: ALL }, { scopes: ALL, deviceToken: "t" }),
  },
  "unreadable-message": {
    speaks: traceOf([conversation({}, client("hello"))]),
    silent: traceOf([conversation({}, connect())]),
    says: /not JSON/,
  },
  "response-without-request": {
    speaks: talk({ scopes: [] }, {}, ok("never-asked")),
    silent: talk({ scopes: [] }, {}, req("1", "agent"), ok("1"), ok("1")),
  },
  "duplicate-request-id": {
    speaks: talk({ scopes: [] }, {}, req("1", "health"), req("1", "status"), ok("1")),
    silent: talk({ scopes: [] }, {}, req("1", "health"), ok("1"), req("1", "status"), ok("1")),
  },
  "repeated-message": {
    speaks: talk({ scopes: [] }, {}, event("tick", { ts: 1 }), event("tick", { ts: 1 })),
    silent: talk({ scopes: [] }, {}, event("tick", { ts: 1 }), event("tick", { ts: 2 })),
  },
  "repeated-idempotency-key": {
    speaks: talk(
      { scopes: [] },
      {},
      req("1", "send", { idempotencyKey: "k" }),
      ok("1"),
      req("2", "send", { idempotencyKey: "k" }),
      ok("2"),
    ),
    silent: talk(
      { scopes: [] },
      {},
      req("1", "send", { idempotencyKey: "k" }),
      ok("1"),
      req("2", "agent", { idempotencyKey: "k" }),
      ok("2"),
    ),
    says: /send was sent 2 times/,
  },
  "event-before-hello": {
    speaks: traceOf([conversation({}, challenge(), event("tick"), connect(), helloOk())]),
    silent: traceOf([conversation({}, challenge(), connect(), helloOk(), event("tick"))]),
  },
  "rpc-before-hello": {
    speaks: traceOf([
      conversation({}, challenge(), req("1", "health"), connect(), helloOk(), ok("1")),
    ]),
    silent: traceOf([
      conversation({}, challenge(), connect(), helloOk(), req("1", "health"), ok("1")),
    ]),
  },
  "sequence-gap": {
    speaks: talk({ scopes: [] }, {}, event("tick", 1, 881), event("chat", 2, 883)),
    silent: talk(
      { scopes: [] },
      {},
      event("tick", 1, 881),
      event("health", 0),
      event("chat", 2, 882),
    ),
    says: /seq 883 after 881/,
  },
  "sequence-regression": {
    speaks: talk({ scopes: [] }, {}, event("tick", 1, 5), event("tick", 2, 5)),
    silent: talk({ scopes: [] }, {}, event("tick", 1, 5), event("tick", 2, 6)),
  },
  "tick-silence": {
    // Scripts advance one millisecond a step: with a tick interval of 1 ms, three client steps are more than two ticks.
    speaks: talk(
      { scopes: [] },
      { tickIntervalMs: 1 },
      req("1", "a"),
      req("2", "b"),
      req("3", "c"),
      ok("1"),
    ),
    silent: talk(
      { scopes: [] },
      { tickIntervalMs: 2 },
      req("1", "a"),
      req("2", "b"),
      req("3", "c"),
      ok("1"),
    ),
    says: /4 ms; it ticks every 1 ms/,
  },
  "oversized-message": {
    speaks: talk({ scopes: [] }, { maxPayload: 1000 }, req("1", "send", "x".repeat(1000)), ok("1")),
    silent: talk({ scopes: [] }, { maxPayload: 1100 }, req("1", "send", "x".repeat(1000)), ok("1")),
  },
  "slow-consumer": {
    speaks: talk({ scopes: [] }, {}, close("gateway", 1008, "slow consumer")),
    silent: talk({ scopes: [] }, {}, close("gateway", 1012, "service restart")),
  },
  "closed-abnormally": {
    speaks: traceOf([conversation({ endedBy: "gateway" }, challenge(), connect(), helloOk())]),
    silent: traceOf([conversation({ endedBy: "client" }, challenge(), connect(), helloOk())]),
  },
  "slow-call": {
    speaks: traceOf([callsThatTook(5, 6, 5, 7, 5, 2000)]),
    silent: traceOf([callsThatTook(5, 6, 5, 7, 5, 900)]),
    says: /took 2000 ms; its median here is 6 ms/,
  },
  "error-burst": {
    speaks: talk({ scopes: [] }, {}, ...failures(5)),
    silent: talk({ scopes: [] }, {}, ...failures(4), req("x", "health"), ok("x"), ...failures(4)),
  },
  "reconnect-storm": {
    speaks: traceOf(refusedAgainAndAgain(6)),
    silent: traceOf(refusedAgainAndAgain(5)),
    says: /6 times within 10 s/,
  },
  "scopes-shrank": {
    speaks: traceOf([deviceWith(1, ALL, ALL), deviceWith(2, ALL, ["operator.read"])]),
    silent: traceOf([deviceWith(1, ALL, ALL), deviceWith(2, ["operator.read"], ["operator.read"])]),
    says: /connection 1/,
  },
  "tap-changes-locality": {
    speaks: traceOf([conversation(REMOTE, challenge(), connect(), helloOk())], {
      header: { ...HEADER, localityChange: "local-becomes-remote" },
    }),
    silent: traceOf([conversation(REMOTE, challenge(), connect(), helloOk())]),
    says: /1 of 1 connections/,
  },
  "recording-incomplete": {
    speaks: traceOf([], { complete: false, missing: ["the recording was cut short"] }),
    silent: traceOf([], { complete: false, missing: [] }),
    says: /cut short/,
  },
  "recording-not-redacted": {
    speaks: traceOf([], { header: { ...HEADER, redaction: "off" } }),
    silent: traceOf([]),
  },
};
