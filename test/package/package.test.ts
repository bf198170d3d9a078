import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { PACKAGE_NODES } from "../live/harness/install.ts";
import { runProcess } from "../live/harness/process.ts";
import { PAGE_FILES } from "../support/pages.ts";
import { createStranger, filesBelow, type Project, type Stranger } from "./stranger.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const BIN = path.join(ROOT, "node_modules/.bin");
const EXAMPLES = path.join(ROOT, "test/examples");
const RECORDING = "sessions-spawn-77807.gwtrace";
const [OLDEST = ""] = PACKAGE_NODES;

/** The majors of Vitest that gw-trace/vitest is for. */
const VITEST = ["3.2.7", "4.1.12"];

const manifestSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ hasInstallScript: z.boolean().optional(), optional: z.boolean().optional() }),
  ),
});

let stranger: Stranger;

beforeAll(async () => {
  stranger = await createStranger();
});

afterAll(() => stranger[Symbol.asyncDispose]());

function lint(program: string, ...args: readonly string[]) {
  const options = { cwd: ROOT, env: process.env, timeoutMs: 120_000 };
  return runProcess([path.join(BIN, program), stranger.tarball, ...args], options);
}

test("publint finds nothing", async () => {
  expect(await lint("publint", "--strict")).toMatchObject({ code: 0 });
});

test("attw finds that every entry has its types", async () => {
  expect(await lint("attw", "--profile", "esm-only")).toMatchObject({ code: 0 });
});

describe.each(PACKAGE_NODES)("in an empty folder on Node %s", (version) => {
  let project: Project;

  beforeAll(async () => {
    project = await stranger.install(`empty-${version}`, version);
  });

  // msgpackr's accelerator is optional, comes built, and does without its script, which npm runs only where it is allowed to.
  test("npm installs it, and nothing with a script but msgpackr's optional part", async () => {
    const { code, stderr } = project.installed;
    expect(code).toBe(0);
    const told = stderr.split("\n").filter((line) => line !== "");
    expect(told.filter((line) => !line.startsWith("npm warn install-scripts"))).toEqual([]);
    const text = await readFile(path.join(project.folder, "package-lock.json"), "utf8");
    const { packages } = lockSchema.parse(JSON.parse(text));
    const scripted = Object.entries(packages).filter(
      ([, { hasInstallScript }]) => hasInstallScript,
    );
    expect(scripted.map(([name, { optional }]) => [name, optional])).toEqual([
      ["node_modules/msgpackr-extract", true],
    ]);
  });

  test("its command runs, shows a recording, and records, replays and explains the founding case", async () => {
    const manifest = await readManifest(ROOT);
    expect(await project.run(version, "gw-trace", "--version")).toMatchObject({
      code: 0,
      stdout: `${manifest.version}\n`,
    });
    const shipped = path.join(project.folder, "node_modules/gw-trace/recordings", RECORDING);
    const golden = await readFile(shipped.replace(/gwtrace$/, "txt"), "utf8");
    expect(await project.run(version, "gw-trace", "show", shipped)).toEqual({
      code: 0,
      stdout: golden,
      stderr: "",
    });
    const demo = await project.run(version, "gw-trace", "demo");
    expect(demo).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("missing-scope-dropped"),
    });
  });
});

describe.each(VITEST)("in a project with Vitest %s", (vitest) => {
  let project: Project;

  beforeAll(async () => {
    const others = [`vitest@${vitest}`, "@types/node@20", "ws", "@types/ws"];
    project = await stranger.install(`vitest-${vitest}`, OLDEST, ...others);
    // The regression test that src/vitest/README.md shows, as a stranger has it.
    const example = await readFile(path.join(EXAMPLES, "sessions-spawn.test.ts"), "utf8");
    const theirs = example
      .replace("../../src/vitest.ts", "gw-trace/vitest")
      .replace("../../recordings/", "./");
    await writeFile(path.join(project.folder, "sessions-spawn.test.ts"), theirs);
    await cp(path.join(EXAMPLES, "agent-client.ts"), path.join(project.folder, "agent-client.ts"));
    await cp(path.join(ROOT, "recordings", RECORDING), path.join(project.folder, RECORDING));
  });

  test.each(PACKAGE_NODES)("a recording is the Gateway of a test on Node %s", async (version) => {
    expect(await project.run(version, "vitest", "run")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Tests +\d+ passed/),
    });
  });

  test.each(["nodenext", "bundler"])("its types hold for a strict consumer (%s)", async (resolution) => {
    const errors = await typeErrors(project, resolution, ["sessions-spawn.test.ts", "agent-client.ts"]);
    // Vitest 3.2 declares what a newer @types/chai declares, too.
    const theirs = errors.filter((line) => !/^node_modules\/(?:vitest|@types\/chai)\//.test(line));
    expect(theirs).toEqual([]);
  });
}); // prettier-ignore

const CONSUMER = `
import * as api from "gw-trace";
import * as schemas from "gw-trace/schemas";

const trace = await api.readTrace(await api.openRecording("a.gwtrace"));
const findings: readonly api.Finding[] = api.diagnose([trace]);
export const shown: string = api.renderShow([trace], findings, { columns: 80, color: false });
export const codes: readonly string[] = schemas.showDocument.parse({}).findings.map(({ code }) => code);
`;

test.each(["nodenext", "bundler"])("a strict consumer compiles against it (%s)", async (resolution) => {
  const project = await stranger.install(`types-${resolution}`, OLDEST, "@types/node@20");
  await writeFile(path.join(project.folder, "consumer.ts"), CONSUMER);
  expect(await typeErrors(project, resolution, ["consumer.ts"])).toEqual([]);
}); // prettier-ignore

async function typeErrors(
  { folder }: Project,
  resolution: string,
  files: readonly string[],
): Promise<readonly string[]> {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
    module: resolution === "bundler" ? "esnext" : resolution,
    moduleResolution: resolution,
    allowImportingTsExtensions: true,
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  };
  const config = path.join(folder, `tsconfig.${resolution}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions, files }));
  const command = [path.join(BIN, "tsc"), "--pretty", "false", "-p", config];
  const { stdout } = await runProcess(command, {
    cwd: folder,
    env: process.env,
    timeoutMs: 120_000,
  });
  return stdout.split("\n").filter((line) => line !== "");
}

test("the package holds what it needs and nothing else, and is as large as this", async () => {
  const project = await stranger.install("contents", OLDEST);
  const installed = path.join(project.folder, "node_modules");
  const own = path.join(installed, "gw-trace");
  const files = await filesBelow(own);
  const kinds = new Set(files.map((file) => file.split("/")[0]));
  expect(kinds).toEqual(
    new Set(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json", "recordings", "src"]),
  );
  // Of the sources only the pages that the README leads to.
  const pages = files.filter((file) => file.startsWith("src/"));
  expect(pages.toSorted()).toEqual(PAGE_FILES.filter((file) => file.startsWith("src/")));
  expect(files.filter((file) => /\.(?:map|test\.\w+)$/.test(file))).toEqual([]);
  const { dependencies, peerDependencies } = await readManifest(own);
  const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
  const used = await packagesUsed(own, files);
  expect(used.toSorted()).toEqual(declared.toSorted());

  const all = await filesBelow(installed);
  const sizes = await Promise.all(all.map(async (file) => (await stat(path.join(installed, file))).size));
  const sum = sizes.reduce((total, size) => total + size, 0);
  const packages = new Set(all.filter((file) => file.endsWith("package.json")).map(packageOf));
  console.log(`installed: ${packages.size} packages, ${(sum / 1e6).toFixed(1)} MB`);
  expect(packages.size).toBeGreaterThan(Object.keys(dependencies).length);
}); // prettier-ignore

function packageOf(file: string): string {
  const parts = file.split("/");
  return parts.slice(0, file.startsWith("@") ? 2 : 1).join("/");
}

const IMPORTS =
  /^(?:import|export)\s(?:type\s)?[\w\s{},*$]*?\sfrom\s"([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/gm;

/** The packages that the JavaScript and the types of the package import. */
async function packagesUsed(own: string, files: readonly string[]): Promise<readonly string[]> {
  const used = new Set<string>();
  for (const file of files.filter((one) => /\.(?:js|d\.ts)$/.test(one))) {
    const text = await readFile(path.join(own, file), "utf8");
    for (const [, from, dynamic] of text.matchAll(IMPORTS)) {
      const specifier = from ?? dynamic ?? "";
      if (!isBuiltin(specifier)) used.add(packageOf(specifier));
    }
  }
  return [...used];
} // prettier-ignore

async function readManifest(folder: string) {
  return manifestSchema.parse(
    JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")),
  );
}
