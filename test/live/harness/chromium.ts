import { accessSync, constants } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningProcess } from "./process.ts";
import { until } from "./until.ts";

const START_TIMEOUT_MS = 60_000;

/** Nothing that looks up a host of its own; no sandbox, since root has none. */
const FLAGS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Its DevTools page, which it serves itself, may open a socket to it.
  "--remote-allow-origins=*",
  "--remote-debugging-port=0",
];

/** A Chromium without pages of ours. Disposing ends it and removes its profile. */
export interface Chromium extends AsyncDisposable {
  /** `http://127.0.0.1:…`, where it speaks the Chrome DevTools Protocol. */
  readonly url: string;
}

/** Where Debian and others put it; null when it is not installed. */
export function chromiumBinary(): string | null {
  const folders = (process.env["PATH"] ?? "").split(":");
  const paths = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return paths.find(isExecutable) ?? null;
}

/** Starts it with a fresh profile and waits until it can be driven. */
export async function startChromium(binary: string): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), "gw-trace-chromium-"));
  const child = new RunningProcess([binary, ...FLAGS, `--user-data-dir=${profile}`], {
    cwd: profile,
    env: { PATH: "/usr/bin:/bin", HOME: profile, TMPDIR: profile },
  });
  const dispose = async (): Promise<void> => {
    await child.stop();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const port = await until("Chromium says its port", START_TIMEOUT_MS, async () => {
      if (child.ended) throw new Error(`Chromium ended while starting:\n${child.stderr}`);
      const said = await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "");
      return said.includes("\n") ? said.split("\n")[0] : null;
    });
    return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
