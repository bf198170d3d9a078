import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GwTraceError } from "../errors.ts";
import { ALLOWED_ORIGIN, CUSTOM_ORIGIN, FAR_ADDRESS, SHARED, type Setup } from "./case.ts";
import { Client } from "./client.ts";

const READY_TIMEOUT_MS = 200_000;
const POLL_MS = 100;

/** A Gateway with a state folder of its own and no channels. Disposing kills it and removes the folder. */
export interface ThrowAway extends AsyncDisposable {
  /** `ws://…`. */
  readonly url: string;
}

/**
 * Starts a Gateway and waits until it answers.
 * @throws {GwTraceError} GATEWAY_UNREACHABLE when it ends, or does not answer for long
 */
export async function startThrowAway(openClaw: { readonly entry: string; readonly node: string }, setup: Setup): Promise<ThrowAway> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-measure-"));
  for (const name of ["state", "home", "tmp"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "state/openclaw.json"), JSON.stringify({ gateway: config(setup, port), update: { checkOnStart: false } }));
  const child = spawn(openClaw.node, [openClaw.entry, "gateway", "--port", String(port)], {
    cwd: folder,
    env: environment(folder, openClaw.node, setup),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (text: Buffer) => (log = `${log}${text.toString()}`.slice(-2000)));
  // Whatever ends this process takes the Gateway along.
  const abandon = (): void => {
    signal(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once("exit", abandon);
  const stop = async (): Promise<void> => {
    process.off("exit", abandon);
    await kill(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  const url = `ws://${setup === "far" ? FAR_ADDRESS : "127.0.0.1"}:${port}`;
  try {
    // Rejects where the binary cannot be run at all.
    const ended = once(child, "exit").then(() => {
      throw unreachable(`it ended while starting: ${log.trim().split("\n").slice(-3).join(" / ")}`);
    });
    await Promise.race([untilReady(url), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
} // prettier-ignore

function config(setup: Setup, port: number): object {
  const auth = setup === "none" ? { mode: "none" } : setup === "password" ? { mode: "password", password: SHARED } : { mode: "token", token: SHARED }; // prettier-ignore
  const common = { mode: "local", port, auth };
  switch (setup) {
    case "far":
      return { ...common, bind: "custom", customBindHost: FAR_ADDRESS, controlUi: { allowedOrigins: [`http://${FAR_ADDRESS}:${port}`] } }; // prettier-ignore
    case "password":
      return { ...common, bind: "loopback", controlUi: { allowedOrigins: [ALLOWED_ORIGIN, CUSTOM_ORIGIN], allowInsecureAuth: true, dangerouslyDisableDeviceAuth: true } }; // prettier-ignore
    default:
      return { ...common, bind: "loopback" };
  }
}

function environment(folder: string, node: string, setup: Setup): NodeJS.ProcessEnv {
  return {
    PATH: [dirname(node), "/usr/bin", "/bin"].join(delimiter),
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    NO_COLOR: "1",
    OPENCLAW_STATE_DIR: join(folder, "state"),
    OPENCLAW_HOME: join(folder, "home"),
    OPENCLAW_CONFIG_PATH: join(folder, "state/openclaw.json"),
    OPENCLAW_SKIP_CHANNELS: "1",
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_NO_RESPAWN: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    OPENCLAW_OFFLINE: "1",
    // Calls may keep a Gateway busy for longer than it lets a client wait for hello-ok; the time it gives is measured on another one.
    ...(setup === "none" ? {} : { OPENCLAW_HANDSHAKE_TIMEOUT_MS: "60000" }),
  };
}

/** A Gateway is ready when it refuses a protocol of old for what it is, not because it is still starting. */
async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    await using client = new Client(url);
    const nonce = await client.challenged();
    const params = { minProtocol: 1, maxProtocol: 1, client: { id: "test", mode: "test", version: "1.0.0", platform: "linux" } }; // prettier-ignore
    const answer = nonce === null ? null : await client.call("connect", params);
    if (answer?.error != null && answer.error.code !== "UNAVAILABLE") return;
    await delay(POLL_MS);
  }
  throw unreachable(`it was not ready within ${READY_TIMEOUT_MS / 1000} s`);
}

function unreachable(why: string): GwTraceError {
  return new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `a throw-away Gateway did not start: ${why}`,
    "Name the Node binary that this OpenClaw needs with --node.",
  );
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
  signal(child);
  if (child.pid !== undefined) await gone;
}

/** Ends the process group: a Gateway has helpers. */
function signal({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left of it.
  }
}

/** A port P such that P and P + 2 are free: a Gateway on P opens its browser control on P + 2. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (port !== null && (await listenOnce(port + 2)) !== null) return port;
  }
}

async function listenOnce(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return address !== null && typeof address === "object" ? address.port : null;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
