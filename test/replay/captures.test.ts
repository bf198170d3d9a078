import { describe, expect, it } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { Connection } from "../../src/trace/model.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";

describe("real frames", () => {
  it.each(CAPTURES)("%s: the clients as recorded get the answers as recorded", async (name) => {
    const entries = readCapture(name);
    const script = buildScript(name, entries);
    await using gateway = await startReplayedGateway({ scripts: [script], maxWaitMs: 200 });
    const { connections } = await playClient({
      entries,
      url: gateway.url,
      maxWaitMs: 1000,
      eventWaitMs: 40,
    });
    const recorded = script.connections.map(({ traced, requests }) => {
      // What came after a client's close cannot reach it again.
      const unheard = new Set(
        requests.flatMap(({ entry, answer }) => (answer === null ? entry : [])),
      );
      return outcomesOf(traced, unheard);
    });
    const played = new Set(script.connections.map(({ id }) => id));
    const live = connections.filter(({ id }) => played.has(id)).map((one) => outcomesOf(one));
    expect(live).toEqual(recorded);
    expect(gateway.verdict().conclusion).toMatch(/^as recorded/);
  });
});

/** How the handshake and each call came out that was answered. */
function outcomesOf({ handshake, rpcs }: Connection, unheard: ReadonlySet<number> = new Set()) {
  const { hello, refusal, connectEntry } = handshake;
  const connect = [hello !== null, refusal?.code, refusal?.message];
  const calls = rpcs
    .filter(({ ok, requestEntry }) => ok !== null && !unheard.has(requestEntry))
    .map(({ ok, error }) => [ok, error?.code, error?.message]);
  const isAnswered = (hello ?? refusal) !== null && !unheard.has(connectEntry ?? 0);
  return isAnswered ? [connect, ...calls] : calls;
}
