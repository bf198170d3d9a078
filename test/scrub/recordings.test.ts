import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { Journal } from "../../src/replay/journal.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { SCRUB_LEVELS } from "../../src/scrub/policy.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";
import { readAll } from "../recording/sample.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";
import { HEADER } from "../support/traces.ts";
import { scrub } from "./scrubbed.ts";

import path from "node:path";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");

const RECORDINGS = readdirSync(SHIPPED).filter(
  (file) => file.endsWith(".gwtrace") && file !== "from-the-future.gwtrace",
);

async function shipped(file: string): Promise<readonly Entry[]> {
  await using reader = await openRecording(path.join(SHIPPED, file));
  return await readAll(reader);
}

/** What was found, by connection: codes, and the entries that prove it. */
function findingsOf(entries: readonly Entry[]): readonly unknown[] {
  const builder = new TraceBuilder();
  for (const entry of entries) builder.add(entry);
  const trace = builder.trace({
    name: "r",
    header: HEADER,
    complete: true,
    missing: [],
    entryCount: entries.length,
  });
  return diagnose([trace]).map(({ code, connection, severity, evidence, contrast }) => ({
    code,
    connection,
    severity,
    evidence,
    contrast: contrast?.connection,
  }));
}

describe.each([
  ...RECORDINGS.map((file) => [file, shipped] as const),
  ...CAPTURES.map((name) => [name, readCapture] as const),
])("%s", (file, read) => {
  test.each(SCRUB_LEVELS)(
    "scrubbed at %s, it has the same findings, and nothing is left",
    async (level) => {
      const entries = await read(file);
      const scrubbed = scrub(entries, level).map(({ entry }) => entry);
      expect(findingsOf(scrubbed)).toEqual(findingsOf(entries));
      const left = scrub(scrubbed, level).flatMap(({ entry, places }) =>
        places.map((place) => [entry.entry, place, JSON.stringify(entry).slice(0, 300)]),
      );
      expect(left).toEqual([]);
    },
  );
});

describe.each(RECORDINGS.filter((file) => file !== "cut-short.gwtrace"))("%s, scrubbed", (file) => {
  test.each(SCRUB_LEVELS)("at %s, it plays to the clients as they were recorded", async (level) => {
    const entries = await shipped(file);
    const scrubbed = scrub(entries, level).map(({ entry }) => entry);
    await using replay = await startReplayedGateway({
      scripts: [buildScript("scrubbed", scrubbed)],
      maxWaitMs: 40,
    });
    await playClient({ entries, url: replay.url, maxWaitMs: 2000, eventWaitMs: 40 });
    expect(replay.verdict()).toMatchObject({
      clean: true,
      conclusion: expect.stringMatching(/^as recorded: \d+ calls? on \d+ connections?$/),
    });
  });
});

test("a scrubbed Gateway takes the live client's own values, and says them back", async () => {
  const run = "k17k4jm9-nightly";
  const talk = (message: string, chatId: number, room: string) =>
    numbered(
      conversation(
        {},
        challenge(),
        connect({ scopes: ["operator.write"] }),
        helloOk({ scopes: ["operator.write"] }),
        req("c1", "agent", { message, args: { n: chatId }, chatId, to: room, idempotencyKey: run }),
        ok("c1", { runId: run, status: "accepted" }),
        event("agent", { runId: run, stream: "lifecycle" }, 1),
        close("client"),
      ),
    );
  for (const level of SCRUB_LEVELS) {
    const recorded = scrub(talk("hello Peter", 4917012345, "C02ABCDEF"), level).map(
      ({ entry }) => entry,
    );
    await using replay = await startReplayedGateway({
      scripts: [buildScript("scrubbed", recorded)],
      maxWaitMs: 40,
    });
    const live = talk("hello Peter", 4917012345, "C02ABCDEF");
    const journal = new Journal();
    const said: string[] = [];
    journal.writeTo({
      append: (entry) => {
        const isText = entry.kind === "message" && entry.message.type === "text";
        return { ...entry, entry: said.push(isText ? entry.message.text : "") };
      },
    });
    await playClient({
      entries: live,
      url: replay.url,
      journal,
      maxWaitMs: 2000,
      eventWaitMs: 500,
    });
    expect(replay.verdict()).toMatchObject({ clean: true });
    const answer = said.find((text) => /"ok":true.*"status":"accepted"/.test(text));
    expect(JSON.parse(answer ?? "{}")).toMatchObject({ payload: { runId: run } });
  }
});
