import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import type { Trace } from "../../src/trace/model.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
  withGap,
} from "../support/conversation.ts";
import { HEADER } from "../support/traces.ts";

function traceOf(entries: readonly Entry[]): Trace {
  const builder = new TraceBuilder();
  for (const entry of entries) builder.add(entry);
  const recording = { name: "x", header: HEADER, complete: true, missing: [] };
  return builder.trace({ ...recording, entryCount: entries.length });
}

const codesOf = (trace: Trace) => diagnose([trace]).map(({ code }) => code);

/** Places in a conversation: opened, request, response, challenge, connect, hello-ok, then what is said. */
const HELLO = 5;

const undecodable = (entries: readonly NewEntry[], place: number): readonly NewEntry[] => {
  const { atMs, wallMs, connection } = entries[place] ?? { atMs: 0, wallMs: 0, connection: 1 };
  const at = { atMs: atMs + 0.25, wallMs, connection };
  const bytes = { reason: "reserved bits are set", sizeBytes: 10, bytes: new Uint8Array() };
  const both = (["client", "gateway"] as const).map(
    (from) => ({ ...at, kind: "undecodable", from, ...bytes }) as const,
  );
  return [...entries.slice(0, place + 1), ...both, ...entries.slice(place + 1)];
};

/** Every way in which something of a connection is not in a recording. */
const WAYS: readonly (readonly [
  string,
  (entries: readonly NewEntry[], place: number) => readonly NewEntry[],
])[] = [
  ["a gap of the connection", (entries, place) => withGap(entries, place)],
  ["a gap of the whole recording", (entries, place) => withGap(entries, place, { connection: 0 })],
  ["bytes that could not be understood", undecodable],
];

describe.each(WAYS)("what may have happened in %s is unknown", (_, blind) => {
  const begin = [challenge(), connect(), helloOk({ tickIntervalMs: 1 })] as const;

  test.each([
    ["rpc-unanswered", [req("1", "health")], 1],
    ["response-without-request", [ok("9")], 0],
    ["sequence-gap", [event("tick", {}, 1), event("tick", {}, 6)], 1],
    ["sequence-regression", [event("tick", {}, 6), event("tick", {}, 1)], 1],
    ["repeated-message", [event("x", {}), event("x", {})], 1],
    ["duplicate-request-id", [req("1", "health"), req("1", "agent"), ok("1")], 1],
  ] as const)("%s", (code, steps, said) => {
    const entries = conversation({}, ...begin, ...steps);
    expect(codesOf(traceOf(numbered(entries)))).toContain(code);
    expect(codesOf(traceOf(numbered(blind(entries, HELLO + said))))).not.toContain(code);
  });

  test("tick-silence", () => {
    const early = conversation({ ends: false }, ...begin);
    const late = conversation({ startMs: 1000 }, event("tick", {}, 1)).slice(3);
    expect(codesOf(traceOf(numbered(early, late)))).toContain("tick-silence");
    expect(codesOf(traceOf(numbered(blind(early, HELLO), late)))).not.toContain("tick-silence");
  });

  test("closed-before-hello", () => {
    const entries = conversation({}, challenge(), connect(), close("gateway", 1008, "no"));
    expect(codesOf(traceOf(numbered(entries)))).toEqual(["closed-before-hello"]);
    const trace = traceOf(numbered(blind(entries, 4)));
    expect(codesOf(trace)).not.toContain("closed-before-hello");
    expect(trace.connections[0]?.outcome).toBe("incomplete");
  });

  test("closed-abnormally", () => {
    const entries = conversation({ endedBy: "gateway" }, ...begin);
    expect(codesOf(traceOf(numbered(entries)))).toContain("closed-abnormally");
    const trace = traceOf(numbered(blind(entries, HELLO)));
    expect(codesOf(trace)).not.toContain("closed-abnormally");
    expect(trace.connections[0]?.close?.code).toBeNull();
  });

  test("rpc-before-hello and event-before-hello", () => {
    const entries = conversation({}, challenge(), connect(), req("1", "health"), event("tick"));
    const found = ["rpc-before-hello", "event-before-hello"];
    expect(codesOf(traceOf(numbered(entries)))).toEqual(expect.arrayContaining(found));
    for (const code of found)
      expect(codesOf(traceOf(numbered(blind(entries, 4))))).not.toContain(code);
  });

  test("error-burst", () => {
    const failed = (id: string) => [
      req(id, "agent"),
      { ...ok(id), body: { text: `{"type":"res","id":"${id}","ok":false,"error":{"code":"X","message":"x"}}` } },
    ]; // prettier-ignore
    const entries = conversation({}, ...begin, ...["1", "2", "3", "4", "5", "6"].flatMap(failed));
    expect(codesOf(traceOf(numbered(entries)))).toContain("error-burst");
    expect(codesOf(traceOf(numbered(blind(entries, HELLO + 6))))).not.toContain("error-burst");
  });

  test("upgrade-unanswered, and answers of HTTP calls", () => {
    const [opened, asked, , ...rest] = conversation({});
    const entries = [opened, asked, ...rest].filter((entry) => entry !== undefined);
    expect(codesOf(traceOf(numbered(entries)))).toEqual(["upgrade-unanswered"]);
    expect(codesOf(traceOf(numbered(blind(entries, 1))))).not.toContain("upgrade-unanswered");
    const plain = entries.map((entry) =>
      entry.kind === "http-request" ? { ...entry, headers: [], target: "/health" } : entry,
    );
    const [call] = traceOf(numbered(blind(plain, 1))).connections[0]?.http ?? [];
    expect(call).toMatchObject({ status: null, answerLost: true });
  });

  test("the gap itself is a fact, with where it shows and when it was", () => {
    const entries = numbered(blind(conversation({}, ...begin, req("1", "health")), HELLO + 1));
    const trace = traceOf(entries);
    const told = entries.find(({ kind }) => kind === "gap" || kind === "undecodable");
    expect(trace.connections[0]?.gaps[0]).toMatchObject({
      entry: told?.entry,
      fromMs: told?.atMs,
      reason: told !== undefined && "reason" in told ? told.reason : null,
    });
    expect(trace.connections[0]?.rpcs[0]).toMatchObject({ ok: null, answerLost: true });
  });
});

describe("what a gap cannot hide stays a finding", () => {
  test("a request sent and left unanswered after it", () => {
    const entries = conversation({}, challenge(), connect(), helloOk(), req("1", "health"));
    expect(codesOf(traceOf(numbered(withGap(entries, HELLO))))).toContain("rpc-unanswered");
  });

  test("what happened on a connection that was over before, or began after it", () => {
    const early = conversation({}, challenge(), connect(), helloOk(), req("1", "health"));
    const late = conversation(
      { connection: 2, startMs: 100 },
      challenge(),
      connect(),
      helloOk(),
      ok("9"),
    );
    const trace = traceOf(numbered(withGap(early, early.length - 1, { connection: 0 }), late));
    expect(trace.gaps).toHaveLength(1);
    expect(trace.connections.map(({ gaps }) => gaps)).toEqual([[], []]);
    expect(codesOf(trace)).toEqual(
      expect.arrayContaining(["rpc-unanswered", "response-without-request"]),
    );
  });

  test("a message that the end cut short is no gap: the rest never came", () => {
    const entries = conversation({ endedBy: "gateway" }, challenge(), connect(), helloOk());
    const end = entries.at(-1) ?? { atMs: 0, wallMs: 0 };
    const cut: NewEntry = {
      atMs: end.atMs - 0.5,
      wallMs: end.wallMs,
      connection: 1,
      kind: "undecodable",
      from: "gateway",
      reason: "ended inside a message",
      sizeBytes: 10,
      bytes: new Uint8Array(),
    };
    const trace = traceOf(numbered([...entries, cut]));
    expect(trace.connections[0]?.gaps).toEqual([]);
    expect(codesOf(trace)).toContain("closed-abnormally");
  });
});

test("a connection whose beginning is missing has a gap before its first entry", () => {
  const entries = numbered(
    conversation({}, challenge(), connect(), helloOk(), req("1", "health"), ok("1"), ok("9")),
  );
  const trace = traceOf(entries.slice(HELLO + 2));
  expect(trace.connections[0]?.gaps).toMatchObject([{ entry: HELLO + 3, fromMs: 0, side: null }]);
  expect(codesOf(trace)).toEqual([]);
});

test("many gaps in a row are one for a connection, with what all of them miss", () => {
  const entries = conversation({}, challenge(), connect(), helloOk(), req("1", "health"));
  let blind = entries;
  for (let more = 0; more < 10; more += 1) blind = withGap(blind, HELLO, { connection: 0 });
  const trace = traceOf(numbered(blind));
  expect(trace.gaps).toHaveLength(10);
  expect(trace.connections[0]?.gaps).toMatchObject([{ missingEntries: 50, missingBytes: 9990 }]);
});

test.each([
  ["while it dialled", 1, "gateway-unreachable"],
  ["before the upgrade was answered", 2, "upgrade-unanswered"],
  ["in the handshake", 5, "closed-before-hello"],
  ["while calls waited", 7, "rpc-unanswered"],
])("a tap that was stopped %s blames nobody", (_, place, code) => {
  const all = conversation({}, challenge(), connect(), helloOk(), req("1", "health"));
  const [opened, ...said] = all.slice(0, place);
  const end = all.at(-1);
  if (opened?.kind !== "opened" || end?.kind !== "closed") throw new Error("no conversation");
  const from = place === 1 ? { ...opened, peerAddress: null, gatewayAddress: null } : opened;
  const ended = (by: "gateway" | "client" | "tap") =>
    traceOf(numbered([from, ...said, { ...end, by, how: by === "tap" ? "stopped" : "fin" }]));
  const blamed = (["gateway", "client"] as const).flatMap((by) => codesOf(ended(by)));
  expect(blamed).toContain(code);
  expect(codesOf(ended("tap"))).toEqual([]);
});
