import type { FindingCode } from "../../src/findings/catalogue.ts";
import { ALL, CONNECT_CASES } from "./connect-cases.ts";
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
const BACKEND = { client: "gateway-client/backend" };

/** A refusal for want of a scope, as up to 2026.6. */
export function missing(id: string, scope: string) {
  return refused(id, "INVALID_REQUEST", `missing scope: ${scope}`);
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
  "missing-scope-unknown-method": {
    speaks: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "helth"),
      missing("1", "operator.admin"),
    ),
    // config.set is a method, though this hello-ok does not list it.
    silent: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "config.set"),
      missing("1", "operator.admin"),
    ),
    says: /does not list helth[^]*the nearest that it lists is health[^]*does not help/,
  },
  "missing-scope-unexplained": {
    speaks: traceOf([
      conversation({}, helloOk(), req("1", "agent"), missing("1", "operator.write")),
    ]),
    silent: talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "agent"),
      missing("1", "operator.write"),
    ),
    says: /was not recorded, so the cause is unknown/,
  },
  "unknown-method": {
    speaks: talk(
      { device: "d", scopes: ["operator.admin"] },
      { scopes: ["operator.admin"] },
      req("1", "agents"),
      refused("1", "INVALID_REQUEST", "unknown method: agents"),
    ),
    silent: talk(
      { device: "d", scopes: ["operator.admin"] },
      { scopes: ["operator.admin"] },
      req("1", "agent"),
      refused("1", "INVALID_REQUEST", "invalid agent params: must have message"),
    ),
    says: /has no method agents[^]*the nearest that it lists is agent/,
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
  "rpc-refused": {
    speaks: talk(
      { scopes: [] },
      {},
      req("1", "health"),
      refused("1", "INVALID_REQUEST", "invalid health params: at root: unexpected property 'x'"),
    ),
    silent: talk({ scopes: [] }, {}, req("1", "health"), refused("1", "UNAVAILABLE", "busy")),
    says: /never ran[^]*the params of health/,
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
  ...CONNECT_CASES,
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
  "message-too-large": {
    speaks: talk(
      { scopes: [] },
      { maxPayload: 100 },
      req("1", "agent", { message: "x".repeat(100) }),
      close("gateway", 1009),
    ),
    silent: talk({ scopes: [] }, { maxPayload: 100 }, close("gateway", 1012, "service restart")),
    says: /policy\.maxPayload is 100 bytes[^]*closes the connection again/,
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
