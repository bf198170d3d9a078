import { dirname, join } from "node:path";
import { nodeBinary, openClawEntry } from "./install.ts";
import type { Place } from "./place.ts";
import { runProcess } from "./process.ts";
import type { SelfCall, SelfCallOutcome } from "./self-call.ts";
import type { State } from "./state.ts";

const TIMEOUT_MS = 90_000;
const SCRIPT = new URL("self-call.ts", import.meta.url).pathname;

/** Whose code calls, from where, and with which configuration. */
export interface Caller {
  readonly version: string;
  readonly place: Place;
  readonly state: State;
}

/** Lets OpenClaw's own code call the Gateway that its configuration names, as it does from inside of a Gateway. */
export async function callAsOpenClaw(
  at: Caller,
  call: Omit<SelfCall, "dist">,
): Promise<SelfCallOutcome> {
  const dist = join(dirname(openClawEntry(at.version)), "dist");
  const result = await runProcess(at.place.wrap([nodeBinary(), "--no-warnings", SCRIPT]), {
    cwd: at.state.dir,
    env: at.state.env,
    timeoutMs: TIMEOUT_MS,
    input: JSON.stringify({ dist, ...call } satisfies SelfCall),
  });
  if (result.stdout === "") throw new Error(`nothing came of the call: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
