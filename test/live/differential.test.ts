import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/start-replayed-gateway.ts";
import type { ReplayedGateway } from "../../src/replay/serve/replayed-gateway.ts";
import type { Script } from "../../src/replay/script/script.ts";
import { baseCases, localCases, type Case } from "./harness/cases.ts";
import { compareSeen, summarize, type Compared } from "./harness/compare-seen.ts";
import { encounter, type Seen } from "./harness/encounter.ts";
import { startGateway, type Gateway } from "./harness/gateway.ts";
import { host } from "./harness/host.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";

const TOGETHER = 8;

describe.each(OPENCLAW_VERSIONS)("OpenClaw %s and its replay", (version) => {
  let folder: string;
  let gateway: Gateway;
  let replay: ReplayedGateway;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gw-trace-differential-"));
    gateway = await startGateway({ version });
    const script = await record(gateway, baseCases(), join(folder, "base.gwtrace"));
    replay = await startReplayedGateway({
      scripts: [script],
      reuse: true,
      maxWaitMs: 50,
      assume: { devices: "unpaired", token: SHARED_TOKEN },
    });
  });

  afterAll(async () => {
    await replay?.close();
    await gateway?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("give the same clients the same answers", { timeout: 300_000 }, async () => {
    const cases = localCases();
    expect(cases.length).toBeGreaterThanOrEqual(300);
    const real = await meetAll(gateway.url, cases, TOGETHER);
    const compared: Compared[] = [];
    for (const [index, { name, meetings }] of cases.entries()) {
      const before = playedOf(replay).length;
      const replayed = await encounter(replay.url, meetings);
      const played = playedOf(replay).slice(before);
      compared.push(...compareSeen(name, real[index] ?? [], replayed, played));
    }
    const summary = summarize(compared);
    process.stderr.write(
      `${version}, ${String(cases.length)} cases: ${JSON.stringify(summary.counts)}\n`,
    );
    for (const line of summary.unknown) process.stderr.write(`  ${line}\n`);
    expect(summary.disagreements).toEqual([]);
    expect(summary.counts.unknown / compared.length).toBeLessThan(0.05);
  });
});

/** Holds the meetings of some cases at a time: each has devices of its own, so that they do not mind each other. */
async function meetAll(
  url: string,
  cases: readonly Case[],
  together: number,
): Promise<readonly (readonly Seen[])[]> {
  const seen: (readonly Seen[])[] = [];
  let next = 0;
  const meet = async (): Promise<void> => {
    for (let index = next++; index < cases.length; index = next++) {
      seen[index] = await encounter(url, cases[index]?.meetings ?? []);
    }
  };
  await Promise.all(Array.from({ length: together }, meet));
  return seen;
}

function playedOf(replay: ReplayedGateway) {
  return replay.verdict().connections.filter(({ live }) => live !== null);
}

async function record(gateway: Gateway, cases: readonly Case[], output: string): Promise<Script> {
  const port = await host.tapPort();
  await using tap = await startTap(host, { port, upstream: gateway.url, output });
  for (const { meetings } of cases) await encounter(`ws://127.0.0.1:${String(port)}`, meetings);
  await tap.settled(cases.length);
  await tap.stop();
  await using reader = await openRecording(output);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return buildScript("base", entries);
}
