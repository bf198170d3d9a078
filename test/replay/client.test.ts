import { describe, expect, it } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { JsonObject } from "../../src/gateway/json-object.ts";
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

const HANDSHAKE = [challenge(), connect(), helloOk()];

/** Plays the client of one conversation to the Gateway of another. */
async function playBoth(
  clients: readonly (readonly NewEntry[])[],
  gateways: readonly (readonly NewEntry[])[],
) {
  await using replay = await startReplayedGateway({
    scripts: [buildScript("gateway", numbered(...gateways))],
    maxWaitMs: 50,
  });
  const played = await playClient({
    entries: numbered(...clients),
    url: replay.url,
    maxWaitMs: 500,
    eventWaitMs: 50,
  });
  return { ...played, verdict: replay.verdict() };
}

function steps(...said: readonly Step[]) {
  return conversation({}, ...HANDSHAKE, ...said);
}

describe("a played client", () => {
  it("asks what was asked and collects the answers", async () => {
    const recorded = steps(
      req("1", "health"),
      ok("1", { n: 1 }),
      req("2", "agent"),
      refused("2", "FORBIDDEN", "missing scope: operator.write"),
      close("client", 1000),
    );
    const { connections, verdict } = await playBoth([recorded], [recorded]);
    const error = { code: "FORBIDDEN", message: "missing scope: operator.write" };
    expect(connections).toMatchObject([
      {
        id: 1,
        outcome: "accepted",
        rpcs: [
          { method: "health", ok: true },
          { method: "agent", ok: false, error },
        ],
        close: { code: 1000, reason: "", by: "client" },
      },
    ]);
    expect(verdict.clean).toBe(true);
  });

  it("signs the live nonce in place of the recorded one", async () => {
    const recorded = conversation({}, challenge(), connect({ device: "d-1" }), helloOk());
    let prepared: JsonObject = {};
    await using replay = await startReplayedGateway({
      scripts: [buildScript("x", numbered(recorded))],
    });
    await playClient({
      entries: numbered(recorded),
      url: replay.url,
      prepareConnect: (params, { nonce }) => {
        prepared = { nonce, device: params["device"] };
        return params;
      },
    });
    expect(prepared).toMatchObject({
      nonce: expect.stringMatching(/^[0-9a-f-]{36}$/),
      device: { id: "d-1" },
    });
  });

  it("names what the live Gateway made up where it named what the recorded one did", async () => {
    const recorded = steps(
      req("1", "x"),
      ok("1", { requestId: "theirs-1" }),
      req("2", "device.pair.approve", { requestId: "theirs-1" }),
      ok("2"),
    );
    const live = steps(
      req("1", "x"),
      ok("1", { requestId: "ours-222" }),
      req("2", "device.pair.approve", { requestId: "ours-222", deep: "theirs-1" }),
      ok("2"),
    );
    const { verdict } = await playBoth([recorded], [live]);
    expect(verdict.connections[0]?.rpcs).toMatchObject([
      { as: "same" },
      { as: "differing", difference: { path: "params.deep" } },
    ]);
  });

  it("goes on when an answer does not come, and says so", async () => {
    const recorded = steps(req("1", "agent"), ok("1"), event("agent"), req("2", "health"), ok("2"));
    const silent = steps(req("1", "agent"), req("2", "health"), ok("2"));
    const { connections } = await playBoth([recorded], [silent]);
    expect(connections).toMatchObject([
      {
        outcome: "accepted",
        rpcs: [
          { method: "agent", ok: null },
          { method: "health", ok: true },
        ],
      },
    ]);
  });

  it("says when a connection is not taken", async () => {
    const played = await playClient({
      entries: numbered(steps(req("1", "health"), ok("1"))),
      url: "ws://127.0.0.1:1",
      maxWaitMs: 500,
    });
    expect(played).toMatchObject({
      connections: [{ upgrade: null, rpcs: [], close: { reason: "ECONNREFUSED", by: "gateway" } }],
    });
  });

  it("keeps several connections in the recorded order", async () => {
    const one = conversation({ connection: 1 }, ...HANDSHAKE, req("1", "a"), ok("1")).filter(
      ({ kind }) => kind !== "closed",
    );
    const two = conversation(
      { connection: 2, startMs: 4 },
      challenge(),
      connect({ client: "test/test" }),
      helloOk(),
      req("1", "b"),
      ok("1"),
    );
    const { verdict } = await playBoth([one, two], [one, two]);
    expect(verdict).toMatchObject({
      clean: true,
      totals: { connections: { same: 2 }, rpcs: { same: 2 } },
    });
  });
});
