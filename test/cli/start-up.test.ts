import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const MAIN = path.join(ROOT, "dist/cli/main.js");
const HOOKS = path.join(ROOT, "test/support/list-modules.mjs");
const FAILING = path.join(ROOT, "recordings/sessions-spawn-77807.gwtrace");
const WORKING = path.join(ROOT, "recordings/direct-agent-control.gwtrace");

let folder: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-modules-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** The packages that a run loads, and the folders of gw-trace itself. */
async function loadedBy(args: readonly string[]) {
  const list = path.join(folder, String(++runs));
  const env = { PATH: process.env["PATH"], HOME: folder, LOADED_MODULES: list };
  await new Promise<void>((resolve) => {
    const words = ["--import", HOOKS, MAIN, ...args];
    execFile(process.execPath, words, { cwd: folder, env }, () => resolve());
  });
  const files = (await readFile(list, "utf8"))
    .split("\n")
    .filter((url) => url.startsWith("file:"))
    .map((url) => path.relative(ROOT, fileURLToPath(url)));
  const named = (pattern: RegExp) => [
    ...new Set(files.flatMap((file) => pattern.exec(file)?.[1] ?? [])),
  ];
  return {
    packages: named(/^node_modules\/((?:@[^/]+\/)?[^/]+)/),
    folders: named(/^dist\/([^/]+)\//),
  };
}

const STARTING = ["commander"];

test.each([["--version"], ["--help"], ["help"]])(
  "gw-trace %s loads the command line and nothing else",
  async (word) => {
    const { packages, folders } = await loadedBy([word]);
    expect(packages.toSorted()).toEqual(STARTING);
    expect(folders).toEqual(["cli"]);
  },
);

const TEXT = ["ansi-regex", "ansi-styles", "get-east-asian-width", "picocolors", "string-width", "strip-ansi", "wrap-ansi"]; // prettier-ignore
const READING = [...STARTING, "fastest-levenshtein", "msgpackr", "zod", ...TEXT];
const LIVE = ["tap", "replay", "probe", "measure", "tui"];

test.each([
  ["show", [FAILING], READING],
  ["explain", [FAILING], READING],
  ["report", [FAILING], READING],
  ["check", [FAILING], READING],
  ["diff", [FAILING, WORKING], READING],
  ["info", [FAILING], READING],
  ["verify", [FAILING], READING],
  ["ls", [folderOf(FAILING)], READING],
  ["cut", [FAILING, "--connection", "1", "-o", "cut.gwtrace"], READING],
  ["merge", [FAILING, WORKING, "-o", "merged.gwtrace"], READING],
  ["minimize", [FAILING, "--keep-finding", "agent", "-o", "minimal.gwtrace"], READING],
  ["scrub", [FAILING, "shared.gwtrace"], [...READING, "json5"]],
  ["prune", ["--older-than", "30d", "--dry-run"], READING],
  ["import", ["nosuch.jsonl"], READING],
  ["findings", [], [...STARTING, ...TEXT]],
  ["profile", ["show", "2026.9.6"], READING],
  ["completion", ["bash"], STARTING],
  ["__complete", ["--", "show", ""], READING],
] as const)("%s reads, and loads neither sockets nor the terminal UI", async (command, args, packages) => {
  const loaded = await loadedBy([command, ...args]);
  expect(loaded.packages.filter((name) => !packages.includes(name))).toEqual([]);
  expect(loaded.folders.filter((name) => LIVE.includes(name))).toEqual([]);
}); // prettier-ignore

test.each([
  ["record", ["--help"]],
  ["replay", ["--help"]],
  ["probe", ["--help"]],
  ["doctor", []],
  ["demo", ["--help"]],
])("%s speaks to Gateways, and does not load the terminal UI", async (command, args) => {
  const { packages, folders } = await loadedBy([command, ...args]);
  expect(packages.filter((name) => ![...READING, "json5", "ws"].includes(name))).toEqual([]);
  expect(folders).not.toContain("tui");
});

test("tui loads its screen only when there is a terminal", async () => {
  const { packages } = await loadedBy(["tui", FAILING]);
  expect(packages).not.toContain("blessed");
  expect(packages).not.toContain("ws");
});

function folderOf(file: string): string {
  return path.dirname(file);
}
