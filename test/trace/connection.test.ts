import fc from "fast-check";
import { expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  gateway,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { connectionOf, traceOf } from "../support/traces.ts";

test("pairs requests with answers by connection and id", () => {
  const one = conversation(
    { connection: 1 },
    challenge(),
    connect(),
    helloOk(),
    req("1", "health"),
    ok("1"),
  );
  const two = conversation(
    { connection: 2, startMs: 0.5 },
    challenge(),
    connect(),
    helloOk(),
    req("1", "agent"),
    refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
  );
  const { connections } = traceOf([one, two]);
  expect(
    connections.map(({ id, rpcs }) => [id, rpcs.map(({ method, ok: good }) => [method, good])]),
  ).toEqual([
    [1, [["health", true]]],
    [2, [["agent", false]]],
  ]);
  expect(connections[0]?.rpcs[0]).toMatchObject({ durationMs: 1, error: null });
});

test("a second answer to the same request is its final one, a third is stray", () => {
  const connection = connectionOf(
    conversation(
      {},
      challenge(),
      connect(),
      helloOk(),
      req("1", "agent"),
      ok("1"),
      refused("1", "UNAVAILABLE", "no key"),
      ok("1"),
    ),
  );
  expect(connection.rpcs[0]).toMatchObject({
    ok: true,
    final: { ok: false, error: { message: "no key" } },
  });
  expect(connection.strayResponses).toHaveLength(1);
});

test("an answer without a request is stray", () => {
  const connection = connectionOf(conversation({}, challenge(), connect(), helloOk(), ok("9")));
  expect(connection.strayResponses).toMatchObject([{ id: "9" }]);
});

test("the first close frame tells how it ended, whoever closes TCP", () => {
  const connection = connectionOf(
    conversation(
      {},
      challenge(),
      connect(),
      close("gateway", 1008, "pairing required"),
      close("client", 1008),
    ),
  );
  expect(connection.close).toMatchObject({ code: 1008, reason: "pairing required", by: "gateway" });
  expect(connection.outcome).toBe("refused");
});

test("an empty close frame is 1005, none at all is 1006", () => {
  expect(connectionOf(conversation({}, challenge(), close("client", null))).close?.code).toBe(1005);
  expect(connectionOf(conversation({}, challenge())).close?.code).toBe(1006);
});

test("a connection that is still open has no close", () => {
  expect(connectionOf(conversation({ ends: false }, challenge())).close).toBeNull();
});

test("outcomes: accepted, refused, incomplete", () => {
  expect(connectionOf(conversation({}, challenge(), connect(), helloOk())).outcome).toBe(
    "accepted",
  );
  expect(
    connectionOf(conversation({}, challenge(), connect(), refused("connect-1", "NOT_PAIRED", "x")))
      .outcome,
  ).toBe("refused");
  expect(connectionOf(conversation({}, challenge(), connect())).outcome).toBe("incomplete");
});

test("events are counted by name", () => {
  const connection = connectionOf(
    conversation({}, challenge(), connect(), helloOk(), event("tick", {}, 1), event("tick", {}, 2)),
  );
  expect(connection.events.map(({ event: name, count }) => [name, count])).toEqual([
    ["connect.challenge", 1],
    ["tick", 2],
  ]);
});

test("what is no frame, or comes from the wrong side, is kept as unreadable", () => {
  const connection = connectionOf(
    conversation(
      {},
      client("hello"),
      gateway({ type: "req", id: "1", method: "health" }),
      client({ type: "event", event: "x" }),
    ),
  );
  expect(connection.unreadable.map(({ from, reason }) => [from, reason])).toEqual([
    ["client", "not JSON"],
    ["gateway", 'a "req" frame from the gateway'],
    ["client", 'a "event" frame from the client'],
  ]);
});

test("a client's binary message is read as text, as Gateways do; theirs is unreadable", () => {
  const steps = [challenge(), connect(), helloOk(), req("1", "health"), ok("1"), event("tick")];
  const entries = conversation({}, ...steps).map((entry): NewEntry => {
    if (entry.kind !== "message" || entry.message.type !== "text") return entry;
    if (!/"method":"health"|"event":"tick"/.test(entry.message.text)) return entry;
    return { ...entry, message: { type: "binary", bytes: Buffer.from(entry.message.text) } };
  });
  const { rpcs, strayResponses, unreadable } = connectionOf(entries);
  expect(rpcs).toMatchObject([{ method: "health", ok: true }]);
  expect(strayResponses).toEqual([]);
  expect(unreadable).toMatchObject([{ from: "gateway" }]);
});

test("plain HTTP calls are paired in order and are no WebSocket", () => {
  const times = (atMs: number) => ({ atMs, wallMs: atMs, connection: 1 });
  const request = { kind: "http-request", headers: [], redacted: false } as const;
  const response = { kind: "http-response", reason: "", headers: [], redacted: false } as const;
  const entries: NewEntry[] = [
    { ...times(0), kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null },
    { ...times(1), ...request, method: "GET", target: "/health" },
    { ...times(2), ...request, method: "POST", target: "/tools/invoke" },
    { ...times(3), ...response, status: 200 },
    { ...times(5), ...response, status: 404 },
    { ...times(6), kind: "closed", by: "client", how: "fin", error: null },
  ];
  const connection = connectionOf(entries);
  expect(
    connection.http.map(({ target, status, durationMs }) => [target, status, durationMs]),
  ).toEqual([
    ["/health", 200, 2],
    ["/tools/invoke", 404, 3],
  ]);
  expect(connection).toMatchObject({ upgrade: null, close: { code: null } });
});

test("a Gateway that closes after a plain HTTP answer has refused nothing", () => {
  const times = (atMs: number) => ({ atMs, wallMs: atMs, connection: 1 });
  const heads = { headers: [], redacted: false } as const;
  const connection = connectionOf([
    { ...times(0), kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null },
    { ...times(1), ...heads, kind: "http-request", method: "GET", target: "/health" },
    { ...times(2), ...heads, kind: "http-response", status: 200, reason: "OK" },
    { ...times(3), kind: "closed", by: "gateway", how: "fin", error: null },
  ]);
  expect(connection.outcome).toBe("incomplete");
});

test("bodies belong to the last head of their side, and an interim answer answers nothing", () => {
  const times = (atMs: number) => ({ atMs, wallMs: atMs, connection: 1 });
  const request = { kind: "http-request", headers: [], redacted: false } as const;
  const response = { kind: "http-response", reason: "", headers: [], redacted: false } as const;
  const body = { kind: "http-body", omitted: null, sizeBytes: 3000, redacted: false } as const;
  const text = (value: string) => ({ content: { type: "text", text: value } }) as const;
  const connection = connectionOf([
    { ...times(0), kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null },
    { ...times(1), ...request, method: "POST", target: "/tools/invoke" },
    { ...times(2), ...response, status: 100 },
    { ...times(3), ...body, ...text("x".repeat(3000)), from: "client" },
    { ...times(4), ...request, method: "GET", target: "/health" },
    { ...times(5), ...response, status: 500 },
    { ...times(6), ...body, ...text("no"), from: "gateway" },
    { ...times(7), ...response, status: 200 },
    { ...times(8), ...body, content: null, omitted: "cut short", from: "gateway" },
  ]);
  const numbers = { sizeBytes: 3000, omitted: null };
  expect(connection.http).toMatchObject([
    {
      status: 500,
      durationMs: 4,
      requestBody: { ...numbers, entry: 4, start: "x".repeat(2000) },
      responseBody: { ...numbers, entry: 7, start: "no" },
    },
    { status: 200, requestBody: null, responseBody: { start: null, omitted: "cut short" } },
  ]);
});

test("any prefix of a conversation is understood, and nothing throws", () => {
  const whole = numbered(
    conversation(
      {},
      challenge(),
      connect(),
      helloOk(),
      req("1", "agent"),
      ok("1"),
      event("tick"),
      close("client"),
    ),
  );
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      expect(() => traceOf([whole.slice(0, length)])).not.toThrow();
    }),
  );
});
