import { describe, expect, it } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { ReplayedGatewayOptions } from "../../src/replay/serve/replayed-gateway.ts";
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
  type Step,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

type Options = Omit<ReplayedGatewayOptions, "scripts">;

const HANDSHAKE = [challenge(), connect(), helloOk()];
const SCOPES = ["operator.read"];
const READER = [challenge(), connect({ scopes: SCOPES }), helloOk({ scopes: SCOPES })];

/** Plays conversations as a Gateway; waits are short, as nothing here should have to wait. */
function play(conversations: readonly (readonly NewEntry[])[], options: Options = {}) {
  const script = buildScript("scripted", numbered(...conversations));
  return startReplayedGateway({ scripts: [script], maxWaitMs: 50, ...options });
}

function playSteps(...steps: readonly Step[]) {
  return play([conversation({}, ...steps)]);
}

describe("the handshake", () => {
  it("challenges afresh and answers under the live request's id", async () => {
    await using replay = await playSteps(...HANDSHAKE);
    await using live = new LiveClient(replay.url);
    const challenged = await live.event("connect.challenge");
    const hello = await live.connect();
    expect(challenged["payload"]).toMatchObject({ nonce: expect.not.stringMatching("nonce-1") });
    expect(hello).toMatchObject({ id: "live-1", ok: true, payload: { type: "hello-ok" } });
    expect(hello["payload"]).not.toMatchObject({ server: { connId: "conn-1" } });
    expect(replay.verdict()).toMatchObject({
      clean: true,
      connections: [{ as: "same", grade: "recorded" }],
    });
  });

  it("moves all times to now where that is asked for, and only times", async () => {
    const at = Date.UTC(2026, 10, 23, 12);
    const said = { ts: at, updatedAt: new Date(at).toISOString(), count: at, note: "at" };
    const steps = [...HANDSHAKE, req("1", "status"), ok("1", said), event("tick", { ts: at }, 1)];
    for (const shiftTimes of [false, true]) {
      await using replay = await play([conversation({}, ...steps)], { shiftTimes });
      const before = Date.now();
      await using live = new LiveClient(replay.url);
      await live.connect();
      const isFresh = (time: unknown): boolean =>
        Math.abs(new Date(String(time)).getTime() - before) < 60_000;
      const { payload } = await live.call("status");
      const { ts, updatedAt, ...rest } = Object(payload);
      const tick = Object((await live.event("tick"))["payload"]).ts;
      const times = [new Date(ts).toISOString(), updatedAt, new Date(tick).toISOString()];
      expect(times.map(isFresh)).toEqual([shiftTimes, shiftTimes, shiftTimes]);
      expect(rest).toEqual({ count: at, note: "at" });
    }
  });

  it("refuses as recorded, with the error and then the close", async () => {
    await using replay = await playSteps(
      challenge(),
      connect(),
      refused("connect-1", "NOT_PAIRED", "pairing required", { requestId: "r-1" }),
      close("gateway", 1008, "pairing required"),
      close("client", 1008, "pairing required"),
    );
    await using live = new LiveClient(replay.url);
    expect(await live.connect()).toMatchObject({
      ok: false,
      error: { code: "NOT_PAIRED", details: { requestId: "r-1" } },
    });
    expect(await live.closed).toEqual([1008, "pairing required"]);
    expect(replay.verdict().clean).toBe(true);
  });

  it("moves the times of hello-ok to now and leaves other numbers alone", async () => {
    const payload = {
      type: "hello-ok",
      snapshot: { ts: Date.UTC(2026, 10, 23, 12), uptimeMs: 7 },
      auth: { issuedAtMs: Date.UTC(2026, 10, 23, 12) },
    };
    await using replay = await playSteps(challenge(), connect(), ok("connect-1", payload));
    const before = Date.now();
    await using live = new LiveClient(replay.url);
    const { payload: hello } = await live.connect();
    const isFresh = expect.toSatisfy((ts: number) => Math.abs(ts - before) < 60_000);
    expect(hello).toEqual({
      type: "hello-ok",
      snapshot: { ts: isFresh, uptimeMs: 7 },
      auth: { issuedAtMs: isFresh },
    });
  });

  it("tells a client for which nothing is left what comes nearest", async () => {
    await using replay = await playSteps(...HANDSHAKE);
    await using first = new LiveClient(replay.url);
    await first.connect();
    await using second = new LiveClient(replay.url);
    expect(await second.connect()).toMatchObject({
      ok: false,
      error: {
        code: "UNAVAILABLE",
        details: { nearest: { connection: 1, client: "cli/cli operator" } },
      },
    });
    expect(await second.closed).toEqual([1008, "no recorded connection is left"]);
    expect(replay.verdict()).toMatchObject({
      clean: false,
      totals: { connections: { same: 1, unmatched: 1 } },
    });
  });

  it("plays a connection again where that is allowed, and counts it", async () => {
    await using replay = await play([conversation({}, ...HANDSHAKE, req("1", "health"), ok("1"))], {
      reuse: true,
    });
    for (const expected of ["same", "again"]) {
      await using live = new LiveClient(replay.url);
      await live.connect();
      expect(await live.call("health")).toMatchObject({ ok: true });
      expect(replay.verdict().connections.at(-1)).toMatchObject({ as: expected });
    }
    expect(replay.verdict().clean).toBe(true);
  });
});

describe("who is who", () => {
  const backend = conversation(
    { connection: 1 },
    challenge(),
    connect({ client: "gateway-client/backend", scopes: ["operator.write"] }),
    helloOk({ scopes: [] }),
  );
  const cli = conversation(
    { connection: 2, startMs: 100 },
    challenge(),
    connect({ scopes: ["operator.read"] }),
    helloOk({ scopes: ["operator.read"] }),
  );

  it("goes by the client first and by order second", async () => {
    await using replay = await play([backend, cli]);
    await using live = new LiveClient(replay.url);
    expect(await live.connect({ scopes: ["operator.read"] })).toMatchObject({
      payload: { auth: { scopes: ["operator.read"] } },
    });
    expect(replay.verdict().connections).toMatchObject([
      { live: 1, connection: 2, as: "same" },
      { live: null, connection: 1, as: "never" },
    ]);
  });

  it.each([
    ["other scopes", { scopes: ["operator.admin"] }, "connect.scopes", "derived"],
    [
      "a device identity",
      { scopes: ["operator.read"], device: "d-1" },
      "connect.device",
      "unknown",
    ],
    ["another role", { scopes: ["operator.read"], role: "node" }, "connect.role", "derived"],
  ])(
    "says so when the client comes with %s, and does not call the answer recorded",
    async (_, options, path, grade) => {
      await using replay = await play([cli]);
      await using live = new LiveClient(replay.url);
      await live.connect(options);
      expect(replay.verdict()).toMatchObject({
        clean: false,
        connections: [{ as: "differing", grade, differences: [{ path }] }],
      });
    },
  );

  it("tells recorded connections of the same client apart by what is asked first", async () => {
    const calls = ["health", "status", "agent"].map((method, index) =>
      conversation(
        { connection: index + 1, startMs: index * 100 },
        ...HANDSHAKE,
        req("1", method),
        ok("1", { method }),
      ),
    );
    await using replay = await play(calls);
    await using one = new LiveClient(replay.url);
    await using two = new LiveClient(replay.url);
    await one.connect();
    await two.connect();
    expect(await one.call("agent")).toMatchObject({ payload: { method: "agent" } });
    expect(await two.call("status")).toMatchObject({ payload: { method: "status" } });
    expect(replay.verdict().connections).toMatchObject([
      { connection: 3, as: "same" },
      { connection: 2, as: "same" },
      { connection: 1, as: "never" },
    ]);
  });

  it("serves many clients at once, each its own recorded connection", async () => {
    const count = 100;
    const recorded = Array.from({ length: count }, (_, index) =>
      conversation(
        { connection: index + 1, startMs: index * 100 },
        ...HANDSHAKE,
        req("1", "agent", { message: `m-${index}` }),
        ok("1", { index }),
      ),
    );
    await using replay = await play(recorded);
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await using live = new LiveClient(replay.url);
        await live.connect();
        const { payload } = await live.call("agent", { message: `m-${index}` });
        return payload;
      }),
    );
    expect(answers).toEqual(Array.from({ length: count }, (_, index) => ({ index })));
    expect(replay.verdict().clean).toBe(true);
  });
});

describe("requests", () => {
  it("gives repeats their answers in recorded order, and other methods in any order", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "health"),
      ok("1", { n: 1 }),
      req("2", "status"),
      ok("2", { n: 2 }),
      req("3", "health"),
      ok("3", { n: 3 }),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    const answers = [
      await live.call("status"),
      await live.call("health"),
      await live.call("health"),
    ];
    expect(answers.map(({ payload }) => payload)).toEqual([{ n: 2 }, { n: 1 }, { n: 3 }]);
    expect(replay.verdict().clean).toBe(true);
  });

  it("counts another order as a difference when strict", async () => {
    await using replay = await play(
      [conversation({}, ...HANDSHAKE, req("1", "health"), ok("1"), req("2", "status"), ok("2"))],
      { strict: true },
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("status");
    await live.call("health");
    expect(replay.verdict().connections[0]?.rpcs).toMatchObject([
      {
        method: "status",
        as: "differing",
        grade: "unknown",
        difference: { path: "order", recorded: "health", live: "status" },
      },
      { method: "health", as: "same", grade: "recorded" },
    ]);
  });

  it("gives the answer of the nearest params and names the first path that differs", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "chat.history", { limit: 5 }),
      ok("1", { of: 5 }),
      req("2", "chat.history", { limit: 9, deep: true }),
      ok("2", { of: 9 }),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    expect(await live.call("chat.history", { limit: 8, deep: true })).toMatchObject({
      payload: { of: 9 },
    });
    expect(replay.verdict().connections[0]?.rpcs[0]).toMatchObject({
      as: "differing",
      grade: "unknown",
      difference: { path: "params.limit", recorded: "9", live: "8" },
    });
  });

  it("answers what is not recorded with UNAVAILABLE and the nearest recorded request", async () => {
    await using replay = await playSteps(
      challenge(),
      connect({ scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      req("1", "sessions.list"),
      ok("1"),
      req("2", "agent"),
      ok("2"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect({ scopes: ["operator.read"] });
    expect(await live.call("sessions.get")).toMatchObject({
      ok: false,
      error: {
        code: "UNAVAILABLE",
        retryable: false,
        details: {
          code: "REPLAY_UNMATCHED",
          nearest: { method: "sessions.list", connection: 1, used: false },
        },
      },
    });
    expect(replay.verdict()).toMatchObject({
      clean: false,
      totals: { rpcs: { unmatched: 1, never: 2 } },
    });
  });

  it("closes on what is not recorded where that is asked for", async () => {
    await using replay = await play([conversation({}, ...READER)], { onMiss: "close" });
    await using live = new LiveClient(replay.url);
    await live.connect({ scopes: SCOPES });
    live.ask("sessions.get");
    expect(await live.closed).toEqual([1008, "not in the recording"]);
    expect(replay.verdict().outcome).toBe("cannot-tell");
  });

  it("says nothing to what is not recorded where that is asked for, and goes on", async () => {
    const steps = [...READER, req("1", "health"), ok("1", { n: 1 })];
    await using replay = await play([conversation({}, ...steps)], { onMiss: "pass" });
    await using live = new LiveClient(replay.url);
    await live.connect({ scopes: SCOPES });
    const missed = live.ask("sessions.get");
    expect(await live.call("health")).toMatchObject({ payload: { n: 1 } });
    expect(live.order).not.toContain(missed);
    expect(replay.verdict().outcome).toBe("cannot-tell");
  });

  it("does not answer one more repeat than recorded", async () => {
    await using replay = await playSteps(...HANDSHAKE, req("1", "health"), ok("1"));
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("health");
    expect(await live.call("health")).toMatchObject({
      error: { code: "UNAVAILABLE", details: { nearest: { method: "health", used: true } } },
    });
    expect(replay.verdict().clean).toBe(false);
  });

  it("leaves unanswered what was never answered", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "agent.wait"),
      req("2", "health"),
      ok("2"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    const waiting = live.ask("agent.wait");
    await live.call("health");
    expect(live.order).not.toContain(waiting);
    expect(replay.verdict().clean).toBe(true);
  });

  it("says what was never asked for", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "health"),
      ok("1"),
      req("2", "agent"),
      refused("2", "INVALID_REQUEST", "missing scope: operator.write"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("health");
    await live.close();
    expect(replay.verdict()).toMatchObject({
      clean: false,
      connections: [
        {
          rpcs: [
            { method: "health", as: "same" },
            {
              method: "agent",
              as: "never",
              grade: null,
              recorded: { errorCode: "INVALID_REQUEST" },
            },
          ],
        },
      ],
    });
  });
});

describe("values that a client makes up", () => {
  it("come back as the live client made them up, in answers and events, on this connection and others", async () => {
    const run = "11111111-1111-4111-8111-111111111111";
    const first = conversation(
      { connection: 1 },
      ...HANDSHAKE,
      req("1", "agent", { message: "hi", idempotencyKey: run, sessionKey: "agent:main:k" }),
      ok("1", { runId: run, status: "accepted" }),
      event(
        "agent",
        { runId: run, sessionKey: "agent:main:k", text: `run ${run}, session agent:main:k.` },
        1,
      ),
    );
    const second = conversation(
      { connection: 2, startMs: 100 },
      ...HANDSHAKE,
      req("1", "agent.wait", { runId: run }),
      ok("1", { runId: run }),
    );
    await using replay = await play([first, second]);
    await using live = new LiveClient(replay.url);
    await live.connect();
    expect(
      await live.call("agent", {
        message: "hi",
        idempotencyKey: "mine",
        sessionKey: "agent:main:other",
      }),
    ).toMatchObject({ payload: { runId: "mine" } });
    expect((await live.event("agent"))["payload"]).toEqual({
      runId: "mine",
      sessionKey: "agent:main:other",
      text: "run mine, session agent:main:other.",
    });
    await using other = new LiveClient(replay.url);
    await other.connect();
    expect(await other.call("agent.wait", { runId: "mine" })).toMatchObject({
      payload: { runId: "mine" },
    });
    expect(replay.verdict().clean).toBe(true);
  });

  it("does not touch the live request's id, even when it equals a recorded value", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "agent", { idempotencyKey: "live-2" }),
      ok("1", { runId: "live-2" }),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    expect(await live.call("agent", { idempotencyKey: "fresh" })).toMatchObject({
      id: "live-2",
      payload: { runId: "fresh" },
    });
  });
});
