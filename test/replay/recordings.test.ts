import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";

const FOLDER = fileURLToPath(new URL("../../recordings/", import.meta.url));
const NAMES = readdirSync(FOLDER).filter(
  (file) => file.endsWith(".gwtrace") && !/^(?:cut-short|from-the-future)/.test(file),
);

describe("recordings shipped, credentials taken out", () => {
  it.each(NAMES)("%s: its clients as recorded get the answers as recorded", async (name) => {
    await using reader = await openRecording(`${FOLDER}${name}`);
    const entries: Entry[] = [];
    for await (const entry of reader.entries()) entries.push(entry);
    await using replay = await startReplayedGateway({
      scripts: [buildScript(reader.name, entries)],
      maxWaitMs: 40,
    });
    await playClient({ entries, url: replay.url, maxWaitMs: 2000, eventWaitMs: 40 });
    expect(replay.verdict()).toMatchObject({
      clean: true,
      conclusion: expect.stringMatching(/^as recorded: \d+ calls? on \d+ connections?$/),
    });
  });
});
