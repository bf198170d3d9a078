import { nodeBinary, openClawEntry } from "./install.ts";
import type { Place } from "./place.ts";
import { type Finished, runProcess } from "./process.ts";
import type { State } from "./state.ts";

const CLI_TIMEOUT_MS = 90_000;

/** The command line that runs OpenClaw's own CLI. */
export function cliCommand(version: string, args: readonly string[]): readonly string[] {
  return [nodeBinary(), openClawEntry(version), ...args];
}

/** Runs OpenClaw's own CLI to its end, with the state of `at`. */
export function runCli(
  at: { readonly version: string; readonly place: Place; readonly state: State },
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  return runProcess(at.place.wrap(cliCommand(at.version, args)), {
    cwd: at.state.dir,
    env: { ...at.state.env, ...env },
    timeoutMs: CLI_TIMEOUT_MS,
  });
}
