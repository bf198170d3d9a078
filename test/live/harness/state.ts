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

/** Makes a fresh state folder with an `openclaw.json` that contacts nobody. */
export async function createState(
  version: string,
  gateway: Readonly<Record<string, unknown>>,
): Promise<State> {
  const dir = await mkdtemp(join(tmpdir(), "gw-trace-live-"));
  const config = { gateway, logging: { file: join(dir, "openclaw.log") }, ...silence(version) };
  for (const folder of ["state", "home", "tmp"]) await mkdir(join(dir, folder));
  await writeFile(join(dir, "state/openclaw.json"), JSON.stringify(config, null, 2));
  return {
    dir,
    env: environment(dir),
    // A Gateway that is just being killed may still write; a busy folder is tried again.
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 10 }),
  };
}

// No update check, no price list, no model catalog. 2026.9.6 refuses the older key, 2026.5.4 the newer one.
function silence(version: string): Readonly<Record<string, unknown>> {
  const models =
    version === "2026.5.4"
      ? { pricing: { enabled: false } }
      : { catalogRefresh: { enabled: false } };
  return { update: { checkOnStart: false }, models };
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
