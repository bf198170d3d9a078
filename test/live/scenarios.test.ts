import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { choosePlace } from "./harness/choose-place.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { expectedSummaries, summaries } from "./scenarios/check.ts";
import { playDirect, playRecorded, playReplayed, type Recorded } from "./scenarios/play.ts";

const chosen = await choosePlace();
const { place, whyNoNamespace } = chosen;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gw-trace-live-recordings-"));
});

afterAll(async () => {
  await chosen[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

describe.each(SCENARIOS)("$name", (scenario) => {
  const whyNot = scenario.peer === "far" ? whyNoNamespace : null;
  const file = (): string => join(dir, `${scenario.name}.gwtrace`);
  let recorded: Recorded;

  beforeAll(async () => {
    if (whyNot === null) recorded = await playRecorded(scenario, place, file());
  });

  beforeEach(({ skip }) => {
    if (whyNot !== null) skip(whyNot);
  });

  test("each connection shows its scopes and what came of its calls", () => {
    const { shown } = recorded;
    expect(shown.recording).toMatchObject({ complete: true, missing: [] });
    expect(summaries(shown)).toEqual(expectedSummaries(scenario));
  });

  test("leads to the findings it stands for", () => {
    const codes = recorded.shown.findings.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining([...scenario.findings]));
    expect(scenario.findings.length > 0 || codes.length === 0).toBe(true);
  });

  test("ends with 130 on Ctrl-C, and holds no credential", () => {
    expect(recorded.tap.code).toBe(130);
    expect(recorded.secrets).toContain(SHARED_TOKEN);
    expect(recorded.secretsFound).toEqual([]);
  });

  test("gives the clients what they get without gw-trace", async () => {
    expect(recorded.seen).toEqual(await playDirect(scenario, place));
  });

  test("replays to the same clients, with the same outcome and no Gateway", async () => {
    const output = join(dir, `${scenario.name}-replay.gwtrace`);
    const replayed = await playReplayed(scenario, place, { recording: file(), output });
    expect(replayed.seen).toEqual(recorded.seen);
    // What failed in the recording fails again, and that is what the exit code is about.
    const code = scenario.findings.length > 0 ? 1 : 0;
    expect(replayed.end).toMatchObject({ code, verdict: { clean: true } });
  });
});
