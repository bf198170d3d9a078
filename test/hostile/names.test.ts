import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { playClient } from "../../src/replay/client/play-client.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { runRecord, tapPort } from "../cli/record-run.ts";
import { readAll } from "../recording/sample.ts";
import { numbered } from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";
import { runApp } from "../tui/running-app.ts";
import { readingLines, talkingLines } from "./command-lines.ts";
import { answerAs, speakAs } from "./hostile-peers.ts";
import { INHERITED, namedEverywhere, writeNamed } from "./named-recording.ts";

import path from "node:path";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-names-"));
  await writeNamed(path.join(folder, "named.gwtrace"), INHERITED, ["constructor", "__proto__"]);
  await writeNamed(path.join(folder, "clients.gwtrace"), INHERITED);
});

afterAll(() => rm(folder, { recursive: true }));

/** How a command ended. A fault of gw-trace itself is exit code 70. */
async function run(args: readonly string[]): Promise<{ code: number; faults: string | null }> {
  const { code, stderr } = await runCli(args, {
    cwd: folder,
    env: { GW_TRACE_DIR: folder, OPENCLAW_GATEWAY_TOKEN: "token-of-a-test" },
  });
  return { code, faults: /internal error.*/.exec(stderr)?.[0] ?? null };
}

const SOUND = { code: expect.toSatisfy((code) => code >= 0 && code <= 3), faults: null };

const LINES = readingLines("named.gwtrace").map(
  (args) => [args.slice(0, 6).join(" "), args] as const,
);

test.concurrent.each(LINES)("gw-trace %s", { timeout: 60_000 }, async (_, args) => {
  expect(await run(args)).toEqual(SOUND);
});

test("a Gateway that says all of them is probed, and clients that say them are played to it", async () => {
  await using gateway = await startScriptedGateway(answerAs(INHERITED));
  for (const args of talkingLines("clients.gwtrace", gateway.url))
    expect(await run(args)).toEqual(SOUND);
}, 120_000);

/** What comes of clients that say it as they were recorded. */
async function replayed(name: string): Promise<string> {
  const entries = numbered(namedEverywhere(name));
  await using gateway = await startReplayedGateway({
    scripts: [buildScript("named", entries)],
    maxWaitMs: 100,
  });
  await playClient({ entries, url: gateway.url, maxWaitMs: 300, eventWaitMs: 20 });
  return gateway.verdict().conclusion;
}

// Each of these takes seconds; all names went through the commands above.
describe.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "with the name %s",
  (name) => {
    test("the recorded Gateway answers as it does with any other name", async () => {
      const [inherited, ordinary] = await Promise.all([replayed(name), replayed("ordinary")]);
      expect(inherited).toBe(ordinary);
    });

    test("the terminal shows it in every pane", async () => {
      await using app = await runApp(namedEverywhere(name), { size: [120, 40] });
      for (const key of "jjjj4ejjG2jjj3jj]]uu1jjG") await app.press(key);
      expect(app.screen.text()).toContain(name);
    });
  },
);

test("a tap records clients and a Gateway that say all of them", async () => {
  await using gateway = await startScriptedGateway(answerAs(INHERITED));
  const tap = runRecord(folder, ["--url", gateway.url, "--listen", "127.0.0.1:0", "-o", "live.gwtrace"]);
  const port = await tapPort(tap);
  for (const name of INHERITED) await speakAs(name, port);
  tap.kill("SIGINT");
  await tap.exit;
  expect(tap.stderr()).not.toMatch(/internal error|NOT RECORDED/);
  await using reader = await openRecording(path.join(folder, "live.gwtrace"));
  const said = JSON.stringify(await readAll(reader));
  expect(INHERITED.filter((name) => !said.includes(`\\"role\\":\\"${name}\\"`))).toEqual([]);
}); // prettier-ignore
