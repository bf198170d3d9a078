import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { measuredVersions } from "../../src/gateway/measured-profiles.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { ReplayedGateway } from "../../src/replay/serve/replayed-gateway.ts";
import type { Script } from "../../src/replay/script/script.ts";
import { baseCases, farBaseCases, farCases, localCases, type Case } from "./harness/cases.ts";
import { choosePlace } from "./harness/choose-place.ts";
import { compareSeen, summarize, type Compared } from "./harness/compare-seen.ts";
import { encounter, type Seen } from "./harness/encounter.ts";
import { startGateway, type Gateway } from "./harness/gateway.ts";
import { host } from "./harness/host.ts";
import { TRUTH_VERSIONS } from "./harness/install.ts";
import { FAR_ADDRESS } from "./harness/namespace.ts";
import { meetAll } from "./harness/meet-all.ts";
import type { Place } from "./harness/place.ts";
import { encounterFrom } from "./harness/send.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";

const TOGETHER = 8;

describe.each(TRUTH_VERSIONS)("OpenClaw %s and its replay", (version) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gw-trace-differential-"));
  });

  afterAll(() => rm(folder, { recursive: true }));

  test("give local clients the same answers", { timeout: 300_000 }, async () => {
    await using gateway = await startGateway({ version });
    const base = await record(host, baseCases(), { gateway, output: join(folder, "base.gwtrace") });
    await using replay = await startReplay(base);
    const cases = localCases();
    expect(cases.length).toBeGreaterThanOrEqual(300);
    const real = await meetAll(gateway.url, cases, TOGETHER);
    agree(version, "near", await compare(replay, cases, real));
  });

  test("give far clients the same answers", { timeout: 300_000 }, async (context) => {
    await using chosen = await choosePlace();
    const { place, whyNoNamespace } = chosen;
    if (whyNoNamespace !== null) return context.skip(whyNoNamespace);
    await using gateway = await startGateway({ version, place, address: FAR_ADDRESS });
    const base = await record(place, farBaseCases(), { gateway, output: join(folder, "far.gwtrace") }); // prettier-ignore
    await using replay = await startReplay(base);
    const cases = farCases();
    expect(cases.length).toBeGreaterThanOrEqual(250);
    // Straight to the far address: what a client sends there comes from there.
    const meetings = cases.map((one) => one.meetings);
    const real = await encounterFrom(place, gateway.url, meetings);
    agree(version, "far", await compare(replay, cases, real));
  });
});

function startReplay(script: Script): Promise<ReplayedGateway> {
  return startReplayedGateway({
    scripts: [script],
    reuse: true,
    maxWaitMs: 50,
    assume: { devices: "unpaired", token: SHARED_TOKEN },
  });
}

/** Meets the replay as the Gateway was met, and puts what was seen side by side. */
async function compare(
  replay: ReplayedGateway,
  cases: readonly Case[],
  real: readonly (readonly Seen[])[],
): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (const [index, { name, meetings }] of cases.entries()) {
    const before = playedOf(replay).length;
    const replayed = await encounter(replay.url, meetings);
    const played = playedOf(replay).slice(before);
    compared.push(...compareSeen(name, real[index] ?? [], replayed, played));
  }
  return compared;
}

/** Where the replay claims to know, it says what the Gateway says; of a measured version it knows nearly all. */
function agree(version: string, from: string, compared: readonly Compared[]): void {
  const what = `${version}, ${from}`;
  const summary = summarize(compared);
  const { disagreements, unknown, counts } = summary;
  process.stderr.write(
    `${what}, ${String(compared.length)} comparisons: ${JSON.stringify(counts)}, ${String(disagreements.length)} disagreements\n`,
  );
  for (const line of unknown) process.stderr.write(`  ${line}\n`);
  expect(disagreements).toEqual([]);
  const mayBeUnknown = measuredVersions().includes(version) ? 0.05 : 1;
  expect(counts.unknown / compared.length).toBeLessThan(mayBeUnknown);
}

function playedOf(replay: ReplayedGateway) {
  return replay.verdict().connections.filter(({ live }) => live !== null);
}

async function record(
  place: Place,
  cases: readonly Case[],
  { gateway, output }: { readonly gateway: Gateway; readonly output: string },
): Promise<Script> {
  const port = await place.tapPort();
  await using tap = await startTap(place, { port, upstream: gateway.url, output });
  const url = `ws://127.0.0.1:${String(port)}`;
  await encounterFrom(place, url, cases.map(({ meetings }) => meetings)); // prettier-ignore
  await tap.settled(cases.length);
  await tap.stop();
  await using reader = await openRecording(output);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return buildScript("base", entries);
}
