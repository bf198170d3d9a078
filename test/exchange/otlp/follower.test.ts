import { beforeEach, expect, test } from "vitest";
import { OtlpFollower } from "../../../src/exchange/otlp/follower.ts";
import type { OtlpSpan } from "../../../src/exchange/otlp/span.ts";
import { diagnose } from "../../../src/findings/diagnose.ts";
import type { NewEntry } from "../../../src/recording/entry.ts";
import type { Connection } from "../../../src/trace/model.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../../support/conversation.ts";
import { spansOf } from "../../support/spans.ts";
import { connectionOf, HEADER, traceOf } from "../../support/traces.ts";

let spans: OtlpSpan[] = [];
let follower = new OtlpFollower({ name: "scripted", header: HEADER }, (span) => spans.push(span));

beforeEach(() => {
  spans = [];
  follower = new OtlpFollower({ name: "scripted", header: HEADER }, (span) => spans.push(span));
});

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const begin = [challenge(), connect({ scopes: [] }), helloOk({ scopes: [] })];
const names = () => spans.map(({ name }) => name);

/** Has the follower hear these entries, and at the handshake's end what is known of the connection. */
function hear(entries: readonly NewEntry[]): Connection {
  const decided = connectionOf(entries.slice(0, 6));
  for (const entry of numbered(entries)) {
    follower.add(entry);
    if (entry.entry === decided.handshake.answerEntry) follower.decided(decided);
  }
  return connectionOf(entries);
}

/** Has it hear what is found on the connection, and that it is over. */
function end(connection: Connection): void {
  const trace = traceOf([]);
  follower.found(connection.id, diagnose([{ ...trace, connections: [connection] }]));
  follower.over({
    connection,
    calls: connection.rpcs.length,
    failed: connection.rpcs.filter(({ ok: went }) => went === false).length,
  });
}

test("makes of a whole connection the spans that an export makes of it", () => {
  const talk = conversation(
    {},
    ...begin,
    req("1", "health"),
    ok("1"),
    req("2", "agent"),
    refused("2", "INVALID_REQUEST", "missing scope: operator.write"),
    client({ type: "req", id: "3", method: "status", traceparent: TRACEPARENT }),
    refused("3", "INVALID_REQUEST", "missing scope: operator.read"),
    req("4", "sessions.list"),
    req("5", "send"),
    ok("5", { status: "accepted" }),
    close("client"),
  );
  end(hear(talk));
  const byId = (left: OtlpSpan, right: OtlpSpan) => left.spanId.localeCompare(right.spanId);
  expect(spans.toSorted(byId)).toEqual(spansOf(talk).toSorted(byId));
});

test("tells of a good call at once, of one that failed when findings were looked for, of the rest at the end", () => {
  const talk = conversation(
    {},
    ...begin,
    req("1", "health"),
    ok("1"),
    req("2", "agent"),
    refused("2", "INVALID_REQUEST", "missing scope: operator.write"),
    req("3", "send"),
    close("client"),
  );
  const connection = hear(talk);
  expect(names()).toEqual(["health"]);
  follower.settle();
  expect(names()).toEqual(["health", "agent"]);
  end(connection);
  expect(names()).toEqual(["health", "agent", "send", "openclaw.gateway.connection", "connect"]);
});

test("holds a bounded number of calls that nobody answers, and counts those it gave up", () => {
  const calls = Array.from({ length: 1500 }, (_, index) => req(String(index), "health"));
  end(hear(conversation({}, ...begin, ...calls)));
  expect(follower.missedCalls).toBe(500);
  expect(names().filter((name) => name === "health")).toHaveLength(1000);
  expect(spans.at(-2)?.attributes["gw_trace.calls"]).toBe(1500);
});

test("makes so many spans a second and no more: what is left out is counted, and costs no reading", () => {
  const flood = Array.from({ length: 4000 }, (_, index) => [
    req(String(index), "health"),
    ok(String(index)),
  ]).flat();
  // All within a hundredth of a second, but for the last call.
  const talk = conversation({}, ...begin, ...flood, req("late", "status"), ok("late"));
  const squeezed = talk.map((entry, index) =>
    index < 8006 ? { ...entry, atMs: entry.atMs / 1000 } : entry,
  );
  end(hear(squeezed));
  const calls = names().filter((name) => name === "health").length;
  expect(calls).toBeGreaterThan(900);
  expect(calls).toBeLessThan(1100);
  expect(follower.missedCalls).toBe(4000 - calls);
  expect(names()).toContain("status");
});

test("holds a bounded number of calls on a connection that was never accepted", () => {
  const calls = Array.from({ length: 1500 }, (_, index) => [
    req(String(index), "health"),
    refused(String(index), "X", "not yet"),
  ]).flat();
  end(hear(conversation({}, challenge(), ...calls)));
  expect(follower.missedCalls).toBe(500);
  expect(names().filter((name) => name === "health")).toHaveLength(1000);
});

test("a request id that is used again while it waits does not lose the first call", () => {
  const talk = conversation({}, ...begin, req("1", "health"), req("1", "health"), ok("1"));
  end(hear(talk));
  const byId = (left: OtlpSpan, right: OtlpSpan) => left.spanId.localeCompare(right.spanId);
  const calls = (all: readonly OtlpSpan[]) =>
    all.filter(({ name }) => name === "health").toSorted(byId);
  expect(calls(spans).map(({ spanId }) => spanId)).toEqual(
    calls(spansOf(talk)).map(({ spanId }) => spanId),
  );
});
