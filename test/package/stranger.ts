import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodeBinary } from "../live/harness/install.ts";
import { runProcess, type Finished } from "../live/harness/process.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const TIMEOUT_MS = 280_000;

/** Somebody who knows of gw-trace only what npm would give them: its tarball. */
export interface Stranger extends AsyncDisposable {
  readonly tarball: string;
  /** Makes an empty project of that name and installs the tarball in it, with other packages beside it, as one does on that Node. */
  install(name: string, nodeVersion: string, ...others: readonly string[]): Promise<Project>;
}

/** A folder in which gw-trace is a dependency. */
export interface Project {
  readonly folder: string;
  /** What npm printed while it installed. */
  readonly installed: Finished;
  /** Runs a program of the project's own on a version of Node. */
  run(nodeVersion: string, program: string, ...args: readonly string[]): Promise<Finished>;
}

/** Packs what was built, as npm publishes it. */
export async function createStranger(): Promise<Stranger> {
  const folder = await mkdtemp(path.join(tmpdir(), "gw-trace-package-"));
  const pack = ["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const packed = await runProcess(pack, { cwd: ROOT, env: process.env, timeoutMs: TIMEOUT_MS });
  const tarball = path.join(folder, packed.stdout.trim());
  return {
    tarball,
    async install(name, nodeVersion, ...others) {
      const project = path.join(folder, name);
      await mkdir(project);
      await writeFile(
        path.join(project, "package.json"),
        '{ "private": true, "type": "module" }\n',
      );
      const flags = ["--no-audit", "--no-fund"];
      const command = ["npm", "install", ...flags, tarball, ...others];
      const installed = await runOn(nodeVersion, project, command);
      const run = (version: string, program: string, ...args: readonly string[]) =>
        runOn(version, project, [path.join(project, "node_modules/.bin", program), ...args]);
      return { folder: project, installed, run };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

function runOn(version: string, cwd: string, command: readonly string[]): Promise<Finished> {
  const PATH = [path.dirname(nodeBinary(version)), process.env["PATH"]].join(path.delimiter);
  // npm knows from the environment where its registry is; what is about gw-trace and its tests stays out of it.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|GW_TRACE|OPENCLAW)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), PATH, CI: "true" };
  return runProcess(command, { cwd, env, timeoutMs: TIMEOUT_MS });
}

/** The files below a folder, from there, with slashes. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
