import { describe, expect, test } from "vitest";
import { Correlation } from "../../src/replay/play/render-frame.ts";
import { ConnectionPlayer } from "../../src/replay/play/player.ts";
import { Progress, type Speed } from "../../src/replay/play/waiting.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import type { Script, ScriptedAction } from "../../src/replay/script/script.ts";
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

const HANDSHAKE = [challenge(), connect(), helloOk()];

/** The connection of a script, with a count of how often the player looks at what its actions follow. */
function watched(script: Script, id: number) {
  const connection = script.connections.find((one) => one.id === id);
  if (connection === undefined) throw new Error("nothing to play");
  let looks = 0;
  const actions = connection.actions.map((action): ScriptedAction => {
    const { follows, ...rest } = action;
    return Object.defineProperty({ ...rest, follows }, "follows", {
      get: () => {
        looks += 1;
        return follows;
      },
    });
  });
  return { connection: { ...connection, actions }, looks: () => looks };
}

/** Plays events that come after the last request, and says how often they were looked at. */
async function lookAt(count: number, speed: Speed, otherConnection: boolean): Promise<number> {
  const run = "11111111-1111-4111-8111-111111111111";
  const events = Array.from({ length: count }, (_, index) =>
    event("agent", otherConnection ? { runId: run } : {}, index + 1),
  );
  const listener = conversation({ connection: 1, ends: false }, ...HANDSHAKE, ...events);
  const start = { connection: 2, startMs: 3.5, ends: false };
  const asking = conversation(
    start,
    ...HANDSHAKE,
    req("1", "agent", { idempotencyKey: run }),
    ok("1"),
  );
  // Both handshakes are over when the events begin.
  const later = listener.map((entry, index) =>
    index < 6 ? entry : { ...entry, atMs: entry.atMs + 100 },
  );
  const script = buildScript("long", numbered(later, asking));
  const { connection, looks } = watched(script, 1);
  const progress = new Progress([script]);
  let sent = 0;
  const ends: (() => void)[] = [];
  const link = { send: () => (sent += 1), say: () => undefined, drop: () => undefined };
  const player = new ConnectionPlayer(connection, link, {
    progress,
    facts: { correlation: new Correlation(), connId: "c", nowMs: () => 0, shiftsTimes: false },
    maxWaitMs: 1e9,
    speed,
    wait: () => new Promise((resolve) => ends.push(resolve)),
  });
  const [request] = connection.requests;
  if (request === undefined) throw new Error("no connect");
  player.play();
  player.ask(request, { id: "1", method: "connect", params: {}, text: "" });
  for (let next = 0; next < ends.length; next++) {
    ends[next]?.();
    await new Promise(setImmediate);
  }
  for (const { requests } of script.connections.slice(1)) {
    for (const { entry, answer } of requests) {
      progress.note("long", entry);
      if (answer !== null) progress.note("long", answer.entry);
    }
  }
  player.stop();
  expect(sent).toBe(count + 1);
  return looks();
}

describe("what a player looks at grows with what it plays, not with what waits", () => {
  test.each<[string, Speed, boolean]>([
    ["at once", "immediate", false],
    ["each in its own time", 1, false],
    ["for another connection", "immediate", true],
    ["for another connection and in its own time", 1, true],
  ])("%s", async (_, speed, otherConnection) => {
    const few = await lookAt(200, speed, otherConnection);
    const many = await lookAt(800, speed, otherConnection);
    expect(many / few).toBeLessThan(5);
  });
});
