import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseCaptureJsonl } from "../../src/exchange/capture-jsonl.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { startReplayedGateway } from "../../src/replay/serve/start-replayed-gateway.ts";
import { numbered } from "../support/conversation.ts";

const CAPTURES = new URL("../../../shared/captures/", import.meta.url);

describe.each(["2026.5.4", "2026.9.6"])("real frames of %s", (version) => {
  const folder = new URL(`${version}/`, CAPTURES);
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith(".jsonl"))
    : [];

  it.skipIf(files.length === 0)("there are captures", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)("%s: the clients as recorded get the answers as recorded", async (file) => {
    const { entries: unnumbered } = parseCaptureJsonl(readFileSync(new URL(file, folder), "utf8"));
    const entries = numbered(unnumbered);
    const script = buildScript(file, entries);
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
