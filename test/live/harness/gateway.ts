import { host } from "./host.ts";
import { nodeBinary, openClawEntry } from "./install.ts";
import type { Place } from "./place.ts";
import { RunningProcess } from "./process.ts";
import { createState, type State } from "./state.ts";
import { until } from "./until.ts";

const READY_TIMEOUT_MS = 200_000;

/** How to start a Gateway; all but the version has a default. */
export interface GatewayOptions {
  readonly version: string;
  readonly place?: Place;
  /** Anything but 127.0.0.1 is bound as `customBindHost`. */
  readonly address?: string;
  /** Merged over the `gateway` section of openclaw.json. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** A real Gateway with a state folder of its own. Disposing ends the process and removes the folder. */
export interface Gateway extends AsyncDisposable {
  readonly version: string;
  readonly place: Place;
  readonly address: string;
  readonly port: number;
  /** `ws://…`. */
  readonly url: string;
  readonly state: State;
  /** All that it printed so far. */
  log(): string;
  /** Ends the process and keeps the state folder. */
  stop(): Promise<void>;
  /** Kills the process and starts another on the same port with the same state. */
  restart(): Promise<void>;
}

/** The command line that runs a Gateway. */
export function gatewayCommand(version: string, port: number): readonly string[] {
  return [nodeBinary(), openClawEntry(version), "gateway", "--port", String(port)];
}

/** Waits until a Gateway, or what runs one, says that it is ready. */
export async function untilReady(version: string, child: RunningProcess): Promise<void> {
  const log = (): string => `${child.stdout}${child.stderr}`;
  // The Gateway prints this after its sidecars are up, which is what a `connect` is UNAVAILABLE for before.
  await until(`OpenClaw ${version} is ready`, READY_TIMEOUT_MS, () => {
    if (child.ended) throw new Error(`OpenClaw ${version} ended while starting:\n${log()}`);
    return /\[gateway\] (?:gateway )?ready$/m.test(log());
  });
}

/** Starts a real Gateway and waits until it answers `connect` with more than UNAVAILABLE. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { version, place = host, address = "127.0.0.1" } = options;
  const port = await place.gatewayPort();
  const state = await createState({ version, address, port, config: options.config });
  const command = place.wrap(gatewayCommand(version, port));
  const run = (): RunningProcess =>
    new RunningProcess(command, { cwd: state.dir, env: { ...state.env, ...options.env } });
  let child = run();
  const log = (): string => `${child.stdout}${child.stderr}`;
  try {
    await untilReady(version, child);
  } catch (error) {
    await child.stop();
    await state[Symbol.asyncDispose]();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await child.stop();
  };
  return {
    version,
    place,
    address,
    port,
    state,
    log,
    stop,
    async restart() {
      await child.stop("SIGKILL");
      child = run();
      await untilReady(version, child);
    },
    url: `ws://${address}:${String(port)}`,
    async [Symbol.asyncDispose]() {
      await stop();
      await state[Symbol.asyncDispose]();
    },
  };
}
