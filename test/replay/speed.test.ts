import { describe, expect, it } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { readSpeed, type Speed } from "../../src/replay/play/waiting.ts";
import {
  challenge,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

// The steps of a scripted conversation come a millisecond after each other; from the answer to `agent` on it is later.
const HANDSHAKE = [challenge(), connect(), helloOk()];
const STEPS = [req("1", "agent"), ok("1"), event("agent", {}, 1), event("chat", {}, 2)];
const SKIPPED = 3 + HANDSHAKE.length;
const LATER_MS = [0, 20, 320, 2320, 2320];

const SCRIPT = buildScript(
  "timed",
  numbered(
    conversation({}, ...HANDSHAKE, ...STEPS).map((entry, index) => {
      const laterMs = LATER_MS[index - SKIPPED] ?? 0;
      return { ...entry, atMs: entry.atMs + laterMs, wallMs: entry.wallMs + laterMs };
    }),
  ),
);

/** Plays it with delays that end at once, and says which were asked for and what came. */
async function play(speed: Speed | undefined, maxWaitMs: number) {
  const waited: number[] = [];
  const wait = async (ms: number) => {
    waited.push(ms);
  };
  await using replay = await startReplayedGateway({
    scripts: [SCRIPT],
    maxWaitMs,
    wait,
    ...(speed === undefined ? {} : { speed }),
  });
  await using live = new LiveClient(replay.url);
  await live.connect();
  await live.call("agent");
  await live.event("chat");
  return { waited, order: live.order.slice(2) };
}

describe("delays", () => {
  // hello-ok 1 ms after connect, the answer 21 ms after its request, then events 301 and 2302 ms after the answer.
  it.each<[string, Speed | undefined, number, readonly number[]]>([
    ["none unless asked for", undefined, 10_000, []],
    ["none when immediate", "immediate", 10_000, []],
    ["as recorded", 1, 10_000, [1, 21, 301, 2302]],
    ["half of them at double speed", 2, 10_000, [1, 11, 151, 1151]],
    ["twice at half speed", 0.5, 10_000, [2, 42, 602, 4604]],
    ["a silence longer than the longest wait is cut", 1, 500, [1, 21, 301, 801]],
  ])("%s", async (_, speed, maxWaitMs, delays) => {
    const { waited, order } = await play(speed, maxWaitMs);
    expect(waited).toEqual(delays);
    expect(order).toEqual(["live-2", "agent", "chat"]);
  });

  it("sends nothing before its delay is over, however long others may be held back", async () => {
    const ends = new Map<number, () => void>();
    const wait = (ms: number) =>
      new Promise<void>((resolve) => {
        ends.set(ms, resolve);
        if (ms === 1) resolve();
      });
    await using replay = await startReplayedGateway({
      scripts: [SCRIPT],
      maxWaitMs: 10_000,
      speed: 1,
      wait,
    });
    await using live = new LiveClient(replay.url);
    await live.connect();
    const id = live.ask("agent");
    await expect.poll(() => [...ends.keys()]).toEqual([1, 21]);
    expect(live.order.slice(2)).toEqual([]);
    ends.get(21)?.();
    await expect.poll(() => live.order.slice(2)).toEqual([id]);
    expect([...ends.keys()]).toEqual([1, 21, 301, 2302]);
    ends.get(301)?.();
    await live.event("agent");
    expect(live.events).not.toContain("chat");
  });

  it("an event recorded 300 ms later does come, by a real timer, after the answer", async () => {
    await using replay = await startReplayedGateway({ scripts: [SCRIPT], speed: 1 });
    await using live = new LiveClient(replay.url);
    await live.connect();
    const id = live.ask("agent");
    await live.event("agent");
    expect(live.order.slice(2)).toEqual([id, "agent"]);
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses to play at %d", async (speed) => {
    await expect(startReplayedGateway({ scripts: [SCRIPT], speed })).rejects.toMatchObject({
      code: "USAGE",
    });
  });
});

describe("readSpeed", () => {
  it.each<[string, Speed]>([
    ["immediate", "immediate"],
    ["as-recorded", 1],
    ["1x", 1],
    ["2x", 2],
    ["0.5x", 0.5],
    ["200%", 2],
  ])("%s", (text, speed) => expect(readSpeed(text)).toBe(speed));

  it.each(["", "fast", "2", "x", "0x", "0%", "-1x", "1e3x", "2 x"])("no speed: %j", (text) => {
    expect(() => readSpeed(text)).toThrow(/is no speed/);
  });
});
