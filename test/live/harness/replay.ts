import { z } from "zod";
import { gwTraceCommand } from "./gw-trace.ts";
import type { Place } from "./place.ts";
import { type Finished, RunningProcess } from "./process.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 60_000;
const FINISH_TIMEOUT_MS = 20_000;

const verdictSchema = z.looseObject({
  clean: z.boolean(),
  outcome: z.string(),
  conclusion: z.string(),
});

/** How a replay ended. */
export interface ReplayEnd {
  readonly verdict: z.infer<typeof verdictSchema>;
  readonly code: number | null;
  readonly stderr: string;
}

/** A `gw-trace replay` that is running and ends by itself when all that was recorded was played. */
export interface RunningReplay extends AsyncDisposable {
  /** Waits for that end, or interrupts when it does not come. */
  end(): Promise<ReplayEnd>;
}

/** Starts `gw-trace replay` on a port of a place and waits until clients may come. */
export async function startReplay(
  place: Place,
  way: {
    readonly port: number;
    readonly recording: string;
    readonly output: string;
    readonly more?: readonly string[];
  },
): Promise<RunningReplay> {
  const listen = `127.0.0.1:${String(way.port)}`;
  const args = [
    "replay",
    way.recording,
    "--once",
    "--json",
    "--listen",
    listen,
    "-o",
    way.output,
    ...(way.more ?? []),
  ];
  const child = new RunningProcess(place.wrap(gwTraceCommand(args)), {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  await until("gw-trace replay says where it listens", TIMEOUT_MS, () => {
    if (child.ended) throw new Error(`gw-trace replay ended: ${child.stderr}`);
    return child.stderr.includes(listen);
  });
  return {
    end: async () => {
      await until("the replay ends", FINISH_TIMEOUT_MS, () => child.ended).catch(() => undefined);
      return read(await child.stop("SIGINT"));
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

function read({ code, stdout, stderr }: Finished): ReplayEnd {
  return { code, stderr, verdict: verdictSchema.parse(JSON.parse(stdout)) };
}
