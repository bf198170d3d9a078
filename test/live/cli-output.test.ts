import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { choosePlace } from "./harness/choose-place.ts";
import { startGateway } from "./harness/gateway.ts";
import { runGwTrace, type Shown } from "./harness/gw-trace.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { masked } from "./harness/masked.ts";
import { runCli } from "./harness/openclaw-cli.ts";
import type { Finished } from "./harness/process.ts";
import { startReplay } from "./harness/replay.ts";
import { createState, type State } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";

const ASKING = ["gateway call health", "status", "devices list"] as const;
// Both versions read the sessions from their own files; 2026.5.4 does not even know the subcommand.
const LOCAL = "sessions list";

/** One command as it went through the tap. */
interface Run {
  readonly state: State;
  readonly recording: string;
  readonly printed: Finished;
  readonly shown: Shown;
}

const chosen = await choosePlace();
const { place } = chosen;

afterAll(() => chosen[Symbol.asyncDispose]());

describe.each(OPENCLAW_VERSIONS)("the CLI of OpenClaw %s", (version) => {
  const runs = new Map<string, Run>();
  let dir: string;
  let port: number;

  function runWith(state: State, command: string): Promise<Finished> {
    const env = { OPENCLAW_GATEWAY_PORT: String(port) };
    return runCli({ version, place, state }, command.split(" "), env);
  }

  /**
   * Every command has a state of its own. With a shared one 2026.5.4 refuses `devices list` to the device that `health`
   * paired, and what the CLI makes of that depends on whose close comes first: the Gateway's, or its own.
   */
  async function record(command: string, upstream: string): Promise<Run> {
    const state = await createState({ version, address: "127.0.0.1", port });
    const recording = join(dir, `${command.replaceAll(" ", "-")}.gwtrace`);
    await using tap = await startTap(place, { port, upstream, output: recording });
    const printed = await runWith(state, command);
    const shown = await tap.settled(0);
    await tap.stop();
    return { state, recording, printed, shown };
  }

  function recorded(command: string): Run {
    const run = runs.get(command);
    if (run === undefined) throw new Error(`${command} was not recorded`);
    return run;
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "gw-trace-live-output-"));
    await using gateway = await startGateway({ version, place });
    port = await place.tapPort();
    for (const command of [...ASKING, LOCAL]) {
      runs.set(command, await record(command, gateway.url));
    }
  });

  afterAll(async () => {
    for (const { state } of runs.values()) await state[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  test.each(ASKING)("prints of a replay what it printed of the Gateway: %s", async (command) => {
    const { state, recording, printed, shown } = recorded(command);
    expect(printed.code).toBe(0);
    expect(shown.connections.flatMap(({ rpcs }) => rpcs)).not.toEqual([]);
    const output = recording.replace(/\.gwtrace$/, "-replayed.gwtrace");
    await using replay = await startReplay(place, { port, recording, output });
    const again = await runWith(state, command);
    const { verdict } = await replay.end();
    expect(masked(again)).toEqual(masked(printed));
    expect(verdict.clean).toBe(true);
    expect(verdict.conclusion).toMatch(/^as recorded: /);
  });

  test(`asks nobody, so there is nothing to replay: ${LOCAL}`, async () => {
    const { state, recording, printed, shown } = recorded(LOCAL);
    expect(shown.connections).toEqual([]);
    const env = { PATH: "/usr/bin:/bin" };
    const replay = await runGwTrace(place, ["replay", recording, "--json"], { cwd: "/", env });
    expect(replay.stdout + replay.stderr).toContain("RECORDING_EMPTY");
    expect(masked(await runWith(state, LOCAL))).toEqual(masked(printed));
  });
});
