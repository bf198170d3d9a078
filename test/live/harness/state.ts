import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { nodeBinary } from "./install.ts";

/** The shared token of every throw-away Gateway; recordings are searched for it. */
export const SHARED_TOKEN = "gw-trace-live-shared-token";

/** A folder that holds all of one OpenClaw's state: configuration, device identity, sessions, logs. */
export interface State extends AsyncDisposable {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Whose state it is, and where the Gateway of it listens. */
export interface StateOptions {
  readonly version: string;
  /** Anything but 127.0.0.1 is bound as `customBindHost`. */
  readonly address: string;
  readonly port: number;
  /** Merged over the `gateway` section of openclaw.json. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** Makes a fresh state folder with an `openclaw.json` that contacts nobody. */
export async function createState(options: StateOptions): Promise<State> {
  const dir = await mkdtemp(join(tmpdir(), "gw-trace-live-"));
  const config = {
    gateway: gatewaySection(options),
    logging: { file: join(dir, "openclaw.log") },
    ...silence(options.version),
  };
  for (const folder of ["state", "home", "tmp"]) await mkdir(join(dir, folder));
  await writeFile(join(dir, "state/openclaw.json"), JSON.stringify(config, null, 2));
  return {
    dir,
    env: environment(dir),
    // A Gateway that is just being killed may still write; a busy folder is tried again.
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 10 }),
  };
}

function gatewaySection({
  address,
  port,
  config,
}: StateOptions): Readonly<Record<string, unknown>> {
  const bind =
    address === "127.0.0.1"
      ? { bind: "loopback" }
      : {
          bind: "custom",
          customBindHost: address,
          controlUi: { allowedOrigins: [`http://${address}:${String(port)}`] },
        };
  const auth = { mode: "token", token: SHARED_TOKEN };
  return { mode: "local", port, ...bind, auth, ...config };
}

// No update check, no price list, no model catalog. 2026.9.6 refuses the older key, 2026.5.4 the newer one, others either or both.
const MODELS: Readonly<Record<string, unknown>> = {
  "2026.5.4": { pricing: { enabled: false } },
  "2026.9.6": { catalogRefresh: { enabled: false } },
};

function silence(version: string): Readonly<Record<string, unknown>> {
  const models = MODELS[version];
  return { update: { checkOnStart: false }, ...(models === undefined ? {} : { models }) };
}

function environment(dir: string): NodeJS.ProcessEnv {
  return {
    PATH: [dirname(nodeBinary()), "/usr/bin", "/bin"].join(delimiter),
    HOME: join(dir, "home"),
    TMPDIR: join(dir, "tmp"),
    TERM: "dumb",
    NO_COLOR: "1",
    OPENCLAW_STATE_DIR: join(dir, "state"),
    OPENCLAW_HOME: join(dir, "home"),
    OPENCLAW_CONFIG_PATH: join(dir, "state/openclaw.json"),
    OPENCLAW_SKIP_CHANNELS: "1",
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_NO_RESPAWN: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    OPENCLAW_OFFLINE: "1",
    // The first `agent` of a Gateway keeps it busy for longer than it lets a client wait for hello-ok.
    OPENCLAW_HANDSHAKE_TIMEOUT_MS: "60000",
  };
}
