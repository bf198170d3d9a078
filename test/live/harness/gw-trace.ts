import { z } from "zod";
import type { Place } from "./place.ts";
import { type Finished, runProcess } from "./process.ts";

const MAIN = new URL("../../../dist/cli/main.js", import.meta.url).pathname;
const TIMEOUT_MS = 60_000;

const scopes = z.array(z.string());

const shownSchema = z.looseObject({
  recording: z.looseObject({ complete: z.boolean(), missing: z.array(z.string()) }),
  connections: z.array(
    z.looseObject({
      client: z.looseObject({ id: z.string(), mode: z.string() }).nullable(),
      outcome: z.string(),
      scopes: z.looseObject({
        requested: scopes.nullable(),
        granted: scopes.nullable(),
        effective: scopes,
      }),
      close: z.looseObject({}).nullable(),
      rpcs: z.array(z.looseObject({ method: z.string(), ok: z.boolean().nullable() })),
    }),
  ),
  findings: z.array(z.looseObject({ code: z.string(), title: z.string() })),
});

/** What `gw-trace show --json` prints, as far as the live tests look at it. */
export type Shown = z.infer<typeof shownSchema>;

/** The command line of the built gw-trace, on the Node that runs the tests. */
export function gwTraceCommand(args: readonly string[]): readonly string[] {
  return [process.execPath, MAIN, ...args];
}

/** Runs gw-trace to its end. */
export function runGwTrace(
  place: Place,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Finished> {
  return runProcess(place.wrap(gwTraceCommand(args)), { ...options, timeoutMs: TIMEOUT_MS });
}

/** Reads recordings with `gw-trace show --json`, whole or still being written. */
export async function show(place: Place, ...files: readonly string[]): Promise<Shown> {
  const env = { PATH: "/usr/bin:/bin" };
  const result = await runGwTrace(place, ["show", ...files, "--json"], { cwd: "/", env });
  if (result.stdout === "") throw new Error(`gw-trace show printed nothing: ${result.stderr}`);
  return shownSchema.parse(JSON.parse(result.stdout));
}
