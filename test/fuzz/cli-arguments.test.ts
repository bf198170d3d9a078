import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { createRandom } from "../support/random.mjs";

const RECORDING = path.resolve(import.meta.dirname, "../../recordings/scope-upgrade.gwtrace");
const CASES = 40;

/** Commands that end by themselves, whatever they are given. */
const COMMANDS = ["show", "explain", "report", "check", "diff", "profile", "import", "export", "scrub", "minimize", "merge", "cut", "info", "verify", "prune", "ls", "findings", "help", "", "shwo", "__proto__", "constructor"]; // prettier-ignore

const WORDS = [RECORDING, RECORDING, "last", "-", "--", "--json", "--filter", "ok==false", "((", "--format", "xml", "--fail-on", "--expect-scope", "--tail", "-1", "1e9", "99999999999999999999", "--connection", "c1", "--from", "5m", "--level", "content", "--keep-finding", "missing-scope", "--older-than", "0d", "--dry-run", "--nope", "--filter=", "", "ünïcode", "\u202e", "a".repeat(5000), "../../../etc/passwd", "/dev/null", ".", "NaN", "--version", "-h"]; // prettier-ignore

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-arguments-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function argumentLists(): readonly (readonly string[])[] {
  const random = createRandom(5);
  const pick = (items: readonly string[]) => items[Math.floor(random() * items.length)] ?? "";
  return Array.from({ length: CASES }, () => [
    pick(COMMANDS),
    ...Array.from({ length: Math.floor(random() * 6) }, () => pick(WORDS)),
  ]);
}

test.each(argumentLists().map((args) => ({ args })))("bears $args", async ({ args }) => {
  const { code, stderr } = await runCli(args, {
    cwd: folder,
    env: { GW_TRACE_DIR: folder },
    input: Buffer.from("not a recording"),
  });
  expect([0, 1, 2, 3]).toContain(code);
  expect(stderr).not.toMatch(/\n\s+at .*:\d+/);
  expect(code === 2 && stderr.trim() === "").toBe(false);
});
