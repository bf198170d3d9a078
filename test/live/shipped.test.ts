import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFrame } from "../../src/gateway/frame.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { runGwTrace } from "./harness/gw-trace.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { masked } from "./harness/masked.ts";
import { choosePlace } from "./harness/choose-place.ts";
import { cliCommand } from "./harness/openclaw-cli.ts";
import { createState, SHARED_TOKEN } from "./harness/state.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { cliHealth } from "./scenarios/cli.ts";
import { playReplayed } from "./scenarios/play.ts";

const chosen = await choosePlace();
const { place, whyNoNamespace } = chosen;
const shipped = (name: string): string =>
  new URL(`../../recordings/${name}.gwtrace`, import.meta.url).pathname;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gw-trace-live-replays-"));
});

afterAll(async () => {
  await chosen[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

describe("a recording that is shipped", () => {
  test.for(SCENARIOS)("$name replays to the clients that made it", async (scenario, { skip }) => {
    if (whyNoNamespace !== null) skip(scenario.peer === "far", whyNoNamespace);
    const { end } = await playReplayed(scenario, place, {
      recording: shipped(scenario.name),
      output: join(dir, `${scenario.name}.gwtrace`),
    });
    // What failed in the recording fails again, and that is what the exit code is about.
    const code = scenario.findings.length > 0 ? 1 : 0;
    expect(end).toMatchObject({ code, verdict: { clean: true } });
  });

  test.each(OPENCLAW_VERSIONS.map(cliHealth))(
    "$name gives `gw-trace replay … -- openclaw gateway call health` the recorded answer",
    async ({ name, version, args }) => {
      await using state = await createState({ version, address: "127.0.0.1", port: 1 });
      const output = join(dir, `${name}-command.gwtrace`);
      const { code, stdout } = await runGwTrace(
        place,
        ["replay", shipped(name), "-o", output, "--", ...cliCommand(version, args)],
        { cwd: state.dir, env: { ...state.env, OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN } },
      );
      expect(code).toBe(0);
      expect(masked(stdout)).toEqual(masked(await recordedAnswer(shipped(name), "health")));
    },
  );
});

/** The payload that the Gateway answered to the first call of a method. */
async function recordedAnswer(path: string, method: string): Promise<unknown> {
  await using reader = await openRecording(path);
  let id: string | null = null;
  for await (const entry of reader.entries()) {
    if (entry.kind !== "message" || entry.message.type !== "text") continue;
    const parsed = parseFrame(entry.message.text);
    if (!parsed.ok) continue;
    if (parsed.frame.type === "req" && parsed.frame.method === method) id ??= parsed.frame.id;
    if (parsed.frame.type === "res" && parsed.frame.id === id) return parsed.frame.payload;
  }
  return null;
}
