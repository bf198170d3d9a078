import { gwTraceCommand, show, type Shown } from "./gw-trace.ts";
import type { Place } from "./place.ts";
import { type Finished, RunningProcess } from "./process.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 60_000;

/** A `gw-trace record` that is running. */
export interface RunningTap extends AsyncDisposable {
  /** Waits until that many connections, and not one that is open, are in the recording. */
  settled(connections: number): Promise<Shown>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Finished>;
}

/** Starts `gw-trace record` before a Gateway and waits until clients may come. */
export async function startTap(
  place: Place,
  way: {
    readonly port: number;
    readonly upstream: string;
    readonly output: string;
    /** More options of `gw-trace record`. */
    readonly options?: readonly string[];
  },
): Promise<RunningTap> {
  const listen = `127.0.0.1:${String(way.port)}`;
  const child = new RunningProcess(
    place.wrap(
      gwTraceCommand([
        "record",
        "--url",
        way.upstream,
        "--listen",
        listen,
        "-o",
        way.output,
        ...(way.options ?? []),
      ]),
    ),
    { cwd: "/", env: { PATH: "/usr/bin:/bin", NO_COLOR: "1" } },
  );
  const printed = (): string => `${child.stdout}${child.stderr}`;
  await until("gw-trace record says where it listens", TIMEOUT_MS, () => {
    if (child.ended) throw new Error(`gw-trace record ended: ${printed()}`);
    return printed().includes(listen);
  });
  return {
    settled: (connections) =>
      until(`${String(connections)} closed connections`, TIMEOUT_MS, async () => {
        const shown = await show(place, way.output);
        const closed = shown.connections.filter(({ close }) => close !== null).length;
        return closed >= connections && closed === shown.connections.length ? shown : null;
      }),
    stop: () => child.stop("SIGINT"),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
