import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  gateway,
  helloOk,
  numbered,
  ok,
  req,
  type Step,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

const HANDSHAKE = [challenge(), connect(), helloOk()];

function play(conversations: readonly (readonly NewEntry[])[], maxWaitMs = 50) {
  return startReplayedGateway({
    scripts: [buildScript("scripted", numbered(...conversations))],
    maxWaitMs,
  });
}

function playSteps(...steps: readonly Step[]) {
  // Long enough that nothing in these tests is sent only because the wait was over.
  return play([conversation({}, ...steps)], 10_000);
}

describe("events come after what they followed", () => {
  it("those between an answer and the next request right after the answer", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      event("health", {}, 1),
      req("1", "agent"),
      event("presence", {}, 2),
      ok("1"),
      event("agent", {}, 3),
      event("chat", {}, 4),
      req("2", "status"),
      ok("2"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.event("health");
    expect(live.order).toEqual(["connect.challenge", "live-1", "health"]);
    await live.call("agent");
    await live.event("chat");
    expect(live.order.slice(3)).toEqual(["presence", "live-2", "agent", "chat"]);
  });

  it("waits for the request that an event followed", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "health"),
      ok("1"),
      req("2", "set-heartbeats"),
      ok("2"),
      event("heartbeat"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("health");
    await live.call("health");
    expect(live.events).toEqual(["connect.challenge"]);
    await live.call("set-heartbeats");
    await live.event("heartbeat");
  });

  it("numbers them for the live client: no gap for what was not sent, but the recorded gaps stay", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "health"),
      event("a", {}, 1),
      ok("1"),
      req("2", "status"),
      event("b", {}, 2),
      ok("2"),
      event("c", {}, 5),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("status");
    const { seq } = await live.event("c");
    expect([(await live.event("b"))["seq"], seq]).toEqual([1, 4]);
  });

  it("sends the second answer of a run under the same id", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "agent", { idempotencyKey: "k" }),
      ok("1", { status: "accepted" }),
      event("agent", { runId: "k" }),
      ok("1", { status: "ok" }),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    const id = live.ask("agent", { idempotencyKey: "mine" });
    await live.frame(({ payload }) => isDeepStrictEqual(payload, { status: "ok" }));
    expect(live.order.slice(2)).toEqual([id, "agent", id]);
  });

  it.each([
    ["a message that is no frame", '{"odd": true}'],
    [
      "a frame that is nested without end",
      `{"odd":true,"payload":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    ],
  ])("sends %s as it was", async (_, text) => {
    await using replay = await playSteps(...HANDSHAKE, gateway(text));
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.frame(({ odd }) => odd === true);
    expect(live.texts.at(-1)).toBe(text);
  });
});

describe("nothing waits for ever", () => {
  it("news of a call that was made come although another request in between was not", async () => {
    await using replay = await play([
      conversation(
        {},
        ...HANDSHAKE,
        req("1", "agent", { idempotencyKey: "k" }),
        ok("1"),
        req("2", "health"),
        ok("2"),
        event("agent", { runId: "k" }),
        event("tick"),
      ),
    ]);
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("agent", { idempotencyKey: "mine" });
    expect(await live.event("agent")).toMatchObject({ payload: { runId: "mine" } });
    expect(live.events).not.toContain("tick");
  });

  it("an event caused on another connection waits for that request's answer", async () => {
    const watcher = conversation(
      { connection: 1 },
      ...HANDSHAKE,
      req("1", "sessions.subscribe"),
      ok("1"),
    );
    const actor = conversation(
      { connection: 2, startMs: 50 },
      challenge(),
      connect({ client: "test/test" }),
      helloOk(),
      req("1", "sessions.patch", { sessionKey: "s-1" }),
      ok("1"),
    );
    const push = conversation(
      { connection: 1, startMs: 100 },
      event("sessions.changed", { sessionKey: "s-1" }),
    ).filter(({ kind }) => kind === "message");
    const open = watcher.filter(({ kind }) => kind !== "closed");
    await using replay = await play([open, actor, push], 10_000);
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("sessions.subscribe");
    await using other = new LiveClient(replay.url);
    await other.connect({ client: "test/test" });
    expect(live.events).toEqual(["connect.challenge"]);
    await other.call("sessions.patch", { sessionKey: "s-1" });
    await live.event("sessions.changed");
  });

  it("and comes without it after a while", async () => {
    const watcher = conversation({ connection: 1 }, ...HANDSHAKE).filter(
      ({ kind }) => kind !== "closed",
    );
    const actor = conversation(
      { connection: 2, startMs: 50 },
      challenge(),
      connect({ client: "test/test" }),
      helloOk(),
      req("1", "sessions.patch", { sessionKey: "s-1" }),
      ok("1"),
    );
    const push = conversation(
      { connection: 1, startMs: 100 },
      event("sessions.changed", { sessionKey: "s-1" }),
    ).filter(({ kind }) => kind === "message");
    await using replay = await play([watcher, actor, push]);
    await using live = new LiveClient(replay.url);
    await live.connect();
    expect(await live.event("sessions.changed")).toMatchObject({ payload: { sessionKey: "s-1" } });
  });
});

describe("ends", () => {
  it("closes with the recorded code once all was said", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "device.token.rotate"),
      ok("1"),
      close("gateway", 4001, "device removed"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("device.token.rotate");
    expect(await live.closed).toEqual([4001, "device removed"]);
    expect(replay.verdict().clean).toBe(true);
  });

  it("does not close while there is something left to ask", async () => {
    await using replay = await playSteps(
      ...HANDSHAKE,
      req("1", "health"),
      ok("1"),
      req("2", "status"),
      ok("2"),
      close("gateway", 1012, "service restart"),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("status");
    await live.call("health");
    expect(await live.closed).toEqual([1012, "service restart"]);
  });

  it("drops the connection where the Gateway died", async () => {
    const entries = conversation({ ends: false }, ...HANDSHAKE, req("1", "agent"));
    const last = entries.at(-1);
    if (last === undefined) throw new Error("no entries");
    const died: NewEntry = {
      atMs: last.atMs + 1,
      wallMs: last.wallMs + 1,
      connection: 1,
      kind: "closed",
      by: "gateway",
      how: "reset",
      error: "ECONNRESET",
    };
    await using replay = await play([[...entries, died]]);
    await using live = new LiveClient(replay.url);
    await live.connect();
    live.ask("agent");
    expect((await live.closed)[0]).toBe(1006);
    expect(replay.verdict().clean).toBe(true);
  });

  it("ends a connection on which the client said nothing, as recorded", async () => {
    await using replay = await play([conversation({}, challenge(), close("gateway", 1000))]);
    await using live = new LiveClient(replay.url);
    expect((await live.closed)[0]).toBe(1000);
    expect(replay.verdict().clean).toBe(true);
  });

  it("closes before any challenge where the Gateway did", async () => {
    await using replay = await playSteps(close("gateway", 1013, "starting"));
    await using live = new LiveClient(replay.url);
    expect(await live.closed).toEqual([1013, "starting"]);
    expect(live.frames).toEqual([]);
  });
});
