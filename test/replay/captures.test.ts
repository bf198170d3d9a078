import { describe, expect, it } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { startReplayedGateway } from "../../src/replay/serve/start-replayed-gateway.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";

describe("real frames", () => {
  it.each(CAPTURES)("%s: the clients as recorded get the answers as recorded", async (name) => {
    const entries = readCapture(name);
    const script = buildScript(name, entries);
    await using gateway = await startReplayedGateway({ scripts: [script], maxWaitMs: 200 });
    const { answers } = await playClient({
      entries,
      url: gateway.url,
      maxWaitMs: 1000,
      eventWaitMs: 40,
    });
    const recorded = new Map(
      script.connections
        .flatMap(({ requests }) => requests)
        .map((request) => [request.entry, request.answer]),
    );
    expect(
      answers.map(({ entry, ok, errorCode, errorMessage }) => ({
        entry,
        ok,
        errorCode,
        errorMessage,
      })),
    ).toEqual(
      answers.map(({ entry }) => {
        const answer = recorded.get(entry) ?? null;
        return {
          entry,
          ok: answer?.ok ?? null,
          errorCode: answer?.errorCode ?? null,
          errorMessage: answer?.errorMessage ?? null,
        };
      }),
    );
    expect(gateway.verdict().conclusion).toMatch(/^as recorded/);
  });
});
