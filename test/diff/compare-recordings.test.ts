import { describe, expect, test } from "vitest";
import { nameConnection } from "../../src/diff/pair-connections.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  withGap,
  type Step,
} from "../support/conversation.ts";
import { compareRecordings } from "../../src/diff/compare-recordings.ts";
import type { ComparedRecording } from "../../src/diff/read-compared.ts";
import { diffOf, recordingOf } from "../support/diffs.ts";
import { connectionOf, traceOf } from "../support/traces.ts";

const WRITE = ["operator.write"];
const BACKEND = { client: "gateway-client/backend", scopes: WRITE };
const REMOTE = { peerAddress: "100.64.0.5:4000" };
const MISSING = refused("1", "INVALID_REQUEST", "missing scope: operator.write");

/** The nth connection of a recording: accepted, with these calls. */
function talk(
  id: number,
  asked: Parameters<typeof connect>[0],
  ...steps: readonly Step[]
): readonly NewEntry[] {
  const scopes = asked?.scopes ?? [];
  return conversation(
    { connection: id, startMs: id * 100 },
    challenge(),
    connect(asked),
    helloOk({ scopes }),
    ...steps,
    close("client"),
  );
}

describe("nothing differs", () => {
  test("between a recording and itself", async () => {
    const talks = [
      talk(1, BACKEND, req("1", "agent", { message: "hi" }), ok("1", { status: "accepted" })),
    ];
    expect(await diffOf(talks, talks)).toEqual({
      a: "first",
      b: "second",
      missing: { a: [], b: [] },
      compared: { connections: 1, rpcs: 1, payloads: 1 },
      general: [],
      methods: { a: [], b: [] },
      eventKinds: { a: [], b: [] },
      connections: [],
      same: true,
    });
  });

  test("where only what is new in every run does", async () => {
    const run = (key: string, id: string, token: string, atMs: number) => [
      talk(
        1,
        { ...BACKEND, auth: { token } },
        req(id, "agent", { message: "hi", idempotencyKey: key }),
        ok(id, { runId: key, acceptedAt: atMs, note: `started 2026-11-23T02:29:24.575Z` }),
      ),
    ];
    const a = run("k1", "1", "<redacted:token:11111111>", 1);
    const b = run("k2", "req-9", "<redacted:token:22222222>", 2);
    expect(await diffOf(a, b)).toMatchObject({ same: true });
  });

  test("where connections of one program came in another order", async () => {
    const first = (id: number) => talk(id, BACKEND, req("1", "agent"), ok("1"));
    const second = (id: number) => talk(id, BACKEND, req("1", "status"), ok("1"));
    const diff = await diffOf([first(1), second(2)], [second(1), first(2)]);
    expect(diff).toMatchObject({ same: true, compared: { connections: 2, rpcs: 2 } });
  });

  test("where calls of one method came in another order", async () => {
    const call = (id: string, key: string) => [
      req(id, "chat.history", { key }),
      ok(id, { of: key }),
    ];
    const a = [talk(1, BACKEND, ...call("1", "x"), ...call("2", "y"))];
    const b = [talk(1, BACKEND, ...call("1", "y"), ...call("2", "x"))];
    expect(await diffOf(a, b)).toMatchObject({ same: true });
  });
});

test("handshake, scopes, findings and outcomes of the founding case", async () => {
  const worked = [talk(1, BACKEND, req("1", "agent"), ok("1"))];
  const failed = [
    conversation(
      REMOTE,
      challenge(),
      connect(BACKEND),
      helloOk({ scopes: [] }),
      req("1", "agent"),
      MISSING,
      close("client"),
    ),
  ];
  const { connections, same } = await diffOf(worked, failed);
  expect(same).toBe(false);
  expect(connections).toMatchObject([
    {
      a: 1,
      b: 1,
      who: "gateway-client/backend operator",
      handshake: [
        { field: "granted scopes", a: "operator.write", b: "none" },
        { field: "effective scopes", a: "operator.write", b: "none" },
        { field: "peer the Gateway saw", a: "loopback", b: "not loopback" },
      ],
      findings: { a: [], b: [{ code: "missing-scope-dropped" }] },
      rpcs: [
        {
          method: "agent",
          outcome: { a: "ok", b: "INVALID_REQUEST missing scope: operator.write" },
          answer: { count: 0 },
        },
      ],
    },
  ]);
});

test("what is general is told once: versions, protocols, what is advertised", async () => {
  const run = (version: string, protocol: number) => [
    conversation(
      {},
      challenge(),
      connect({ version, scopes: [] }),
      helloOk({ version, protocol }),
      close("client"),
    ),
  ];
  const diff = await diffOf(run("2026.5.4", 3), run("2026.6.11", 4));
  expect(diff.general).toEqual([
    { field: "Gateway version", a: "2026.5.4", b: "2026.6.11" },
    { field: "protocol", a: "3", b: "4" },
    { field: "client versions", a: "2026.5.4", b: "2026.6.11" },
  ]);
  expect(diff.connections).toEqual([]);
  expect(diff.same).toBe(false);
});

test("a refused connect beside an accepted one", async () => {
  const details = { code: "PAIRING_REQUIRED", reason: "scope-upgrade", requestId: "r" };
  const asked = { device: "d", scopes: WRITE };
  const refusedTalk = conversation(
    {},
    challenge(),
    connect(asked),
    refused("connect-1", "NOT_PAIRED", "pairing required", details),
    close("gateway", 1008, "pairing required"),
  );
  const { connections } = await diffOf([talk(1, asked, req("1", "agent"), ok("1"))], [refusedTalk]);
  expect(connections[0]?.handshake).toEqual([
    { field: "outcome", a: "accepted", b: "refused" },
    {
      field: "refusal",
      a: "none",
      b: "NOT_PAIRED PAIRING_REQUIRED scope-upgrade: pairing required",
    },
    { field: "effective scopes", a: "operator.write", b: "none" },
  ]);
  expect(connections[0]?.rpcs).toMatchObject([{ method: "agent", outcome: { a: "ok", b: null } }]);
});

test("params, payloads and kinds of events", async () => {
  const run = (count: number, word: string, kind: string) => [
    talk(
      1,
      BACKEND,
      req("1", "agent", { message: word }),
      ok("1", { count, same: true }),
      event(kind),
    ),
  ];
  const a = run(1, "hi", "tick");
  const b = run(2, "ho", "shutdown");
  const [connection] = (await diffOf(a, b)).connections;
  expect(connection).toMatchObject({
    events: { a: ["tick"], b: ["shutdown"] },
    rpcs: [
      {
        params: { count: 1, shown: [{ path: "params.message", a: '"hi"', b: '"ho"' }] },
        answer: { count: 1, shown: [{ path: "payload.count", a: "1", b: "2" }] },
      },
    ],
  });
  const [outcomes] = (await diffOf(a, b, { payloads: false })).connections;
  expect(outcomes?.rpcs).toEqual([]);
});

describe("who has no counterpart", () => {
  test("is told with its calls", async () => {
    const diff = await diffOf(
      [talk(1, BACKEND)],
      [talk(1, BACKEND), talk(2, { client: "cli/cli" }, req("1", "health"), ok("1"))],
    );
    expect(diff.connections).toMatchObject([
      {
        a: null,
        b: 2,
        who: "cli/cli operator",
        rpcs: [{ method: "health", outcome: { a: null, b: "ok" } }],
      },
    ]);
  });

  test("two different clients are never taken for one", async () => {
    const diff = await diffOf([talk(1, BACKEND)], [talk(1, { client: "cli/cli", scopes: WRITE })]);
    expect(diff.connections.map(({ a, b, who }) => ({ a, b, who }))).toEqual([
      { a: 1, b: null, who: "gateway-client/backend operator" },
      { a: null, b: 1, who: "cli/cli operator" },
    ]);
  });

  test("a connection refused before it said who it is belongs to the one that is left", async () => {
    const forbidden = conversation({}).map((entry) =>
      entry.kind === "http-response" ? { ...entry, status: 403 } : entry,
    );
    const { connections } = await diffOf([talk(1, BACKEND)], [forbidden]);
    expect(connections).toMatchObject([
      {
        a: 1,
        b: 1,
        who: "gateway-client/backend operator",
        handshake: [
          { field: "outcome" },
          { field: "HTTP upgrade", a: "101", b: "403" },
          { field: "effective scopes" },
        ],
      },
    ]);
  });
});

test("reads the recordings as they lie on the disk, however many connections talk at once", async () => {
  const calls = Array.from({ length: 20 }, (_, at) => [
    req(`${at}`, "agent", { message: `say ${at}` }),
    ok(`${at}`, { text: `said ${at}` }),
  ]).flat();
  const conversations = [1, 2, 3].map((id) =>
    conversation({ connection: id }, challenge(), connect(BACKEND), helloOk({}), ...calls),
  );
  const entries = numbered(...conversations);
  const read: number[] = [];
  const recording: ComparedRecording = {
    trace: traceOf(conversations),
    source: {
      read: (first, count) => {
        read.push(first);
        return Promise.resolve(entries.slice(first - 1, first - 1 + count));
      },
    },
  };
  const other = { ...recording, source: recordingOf(conversations, "other").source };
  expect(await compareRecordings(recording, other)).toMatchObject({ same: true });
  const timesBack = read.filter((entry, at) => entry + 10 < (read[at - 1] ?? 0)).length;
  // Once to tell the calls apart by their params, and once to compare.
  expect({ timesBack, read: read.length }).toEqual({ timesBack: 1, read: 180 });
});

test.each([
  [talk(1, { client: "cli/cli", role: "node" }), "cli/cli node"],
  [conversation({}, challenge()), "(no connect)"],
  [conversation({}, challenge(), connect({ client: "/" })), "unnamed client operator"],
])("names a connection", (entries, expected) => {
  expect(nameConnection(connectionOf(entries))).toBe(expected);
}); // prettier-ignore

describe("a gap of one recording is no difference", () => {
  const said = (id: number, ...steps: readonly Step[]) => talk(id, BACKEND, ...steps);
  const full = said(1, req("1", "health"), ok("1"), req("2", "agent"), ok("2"), event("chat"));
  /** The same without what the recorder missed after its first request. */
  const blind = (connection: number, ...lost: readonly number[]) =>
    withGap(full, 6, { connection }).filter((_, place) => !lost.includes(place));

  test.each([
    ["an answer", 1, [8, 9, 10], 2],
    ["a call with its answer", 1, [9, 10], 1],
    ["calls, in a gap of the whole recording", 0, [8, 9, 10], 2],
    ["an event", 1, [11], 0],
  ])("%s that it may hide is unknown", async (_, connection, lost, unknown) => {
    for (const swapped of [false, true]) {
      const sides = [[full], [blind(connection, ...lost)]] as const;
      const diff = await diffOf(sides[swapped ? 1 : 0], sides[swapped ? 0 : 1]);
      expect(diff.connections.flatMap(({ rpcs }) => rpcs)).toEqual([]);
      expect(diff.connections.map((one) => one.unknown)).toEqual(unknown === 0 ? [] : [unknown]);
      expect(diff.connections.flatMap(({ events, findings }) => [events, findings].flatMap(({ a, b }) => [...a, ...b]))).toEqual([]); // prettier-ignore
      expect(diff.same).toBe(unknown === 0);
      const { missing } = diff;
      expect(swapped ? missing.b : missing.a).toEqual([]);
      expect((swapped ? missing.a : missing.b).join()).toContain("the disk was too slow");
    }
  });

  test("a connection that may be in a gap of the other recording is unknown", async () => {
    const late = said(2, req("1", "health"), ok("1"));
    const diff = await diffOf([full, late], [blind(0)]);
    expect(diff.connections).toMatchObject([{ a: 2, b: null, unknown: 1, rpcs: [] }]);
    expect(diff.same).toBe(false);
  });

  test("what both recorded still differs", async () => {
    const other = said(1, req("1", "health"), refused("1", "UNAVAILABLE", "no"), ok("9"));
    const diff = await diffOf([blind(1, 9, 10, 11)], [other]);
    expect(diff.connections[0]?.rpcs).toMatchObject([
      { method: "health", outcome: { a: "ok", b: "UNAVAILABLE no" } },
    ]);
  });
});
