import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GwTraceError } from "../errors.ts";

/** An OpenClaw to be run. Disposing removes what was installed for it. */
export interface OpenClaw extends AsyncDisposable {
  /** The file `openclaw.mjs`. */
  readonly entry: string;
  /** The Node binary that runs it. */
  readonly node: string;
}

/**
 * Finds the OpenClaw of a folder, or installs a version from npm into a temporary folder.
 * @throws {GwTraceError} USAGE for a version that npm cannot install
 */
export async function findOpenClaw(which: string, node: string): Promise<OpenClaw> {
  const keep = { async [Symbol.asyncDispose]() {} };
  for (const folder of [which, join(which, "node_modules/openclaw")]) {
    const entry = resolve(folder, "openclaw.mjs");
    if (existsSync(entry)) return { entry, node, ...keep };
  }
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-openclaw-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  try {
    await install(folder, which);
  } catch (error) {
    await remove();
    throw error;
  }
  const entry = join(folder, "node_modules/openclaw/openclaw.mjs");
  return { entry, node, [Symbol.asyncDispose]: remove };
}

async function install(folder: string, version: string): Promise<void> {
  // Some versions want this for a channel, from git, where npm may not reach; channels are off.
  const stub = { name: "libsignal", version: "0.0.0" };
  await mkdir(join(folder, "stub"));
  await writeFile(join(folder, "stub/package.json"), JSON.stringify(stub));
  const manifest = { private: true, overrides: { libsignal: "file:./stub" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn("npm", ["install", ...flags, `openclaw@${version}`], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] }); // prettier-ignore
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said = `${said}${text.toString()}`.slice(-2000)));
  const code = await new Promise<number | null>((done) => {
    child.once("error", () => done(null)).once("close", done);
  });
  if (code === 0) return;
  throw new GwTraceError(
    "USAGE",
    `openclaw@${version} could not be installed: ${said.trim().split("\n")[0] || "npm did not run"}`,
    "Name a released version, or the folder of an OpenClaw that is installed.",
  );
}
