import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reader } from "../support/checks.ts";
import { ok, refused, req } from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-check-"));
  await writeRecording(join(folder, "good.gwtrace"), [reader(1, req("1", "status"), ok("1"))]);
  await writeRecording(join(folder, "bad.gwtrace"), [
    reader(1, req("1", "agent"), refused("1", "INVALID_REQUEST", "missing scope: operator.write")),
    reader(2, req("1", "status"), ok("1")),
  ]);
});

afterAll(() => rm(folder, { recursive: true }));

test("two recordings of one name are told apart: what each is named, and what --filter keeps", async () => {
  for (const [place, answer] of [
    ["before", refused("1", "INVALID_REQUEST", "missing scope: operator.write")],
    ["after", ok("1")],
  ] as const) {
    await mkdir(join(folder, place), { recursive: true });
    const path = join(folder, place, "twin.gwtrace");
    await writeRecording(path, [reader(1, req("1", "agent"), answer)]);
  }
  const twins = ["before/twin.gwtrace", "after/twin.gwtrace"];
  const named = await check(...twins, "--format", "github");
  expect(named.stdout).toContain("file=before/twin.gwtrace");
  expect(named.stdout).not.toContain("file=after/twin.gwtrace");
  expect((await check(...twins.toReversed(), "--filter", "method==agent && ok")).code).toBe(0);
  expect(
    (await check(...twins.toReversed(), "--filter", "method==agent && type==res && !ok")).code,
  ).toBe(1);
});

function check(...args: readonly string[]) {
  return runCli(["check", ...args], { cwd: folder });
}

test.each([
  [0, ["good.gwtrace"]],
  [1, ["bad.gwtrace"]],
  [1, ["good.gwtrace", "bad.gwtrace"]],
  [0, ["bad.gwtrace", "--fail-on", "none"]],
  [0, ["bad.gwtrace", "--fail-on", "pairing-required,credential"]],
  [1, ["bad.gwtrace", "--fail-on", "pairing-required", "--fail-on", "missing-scope"]],
  [1, ["good.gwtrace", "--expect-method", "agent"]],
  [1, ["good.gwtrace", "--forbid-method", "agent,status"]],
  [0, ["good.gwtrace", "--expect-scope", "read", "--max-latency", "2s"]],
  [1, ["good.gwtrace", "--expect-scope", "operator.write"]],
  [0, ["bad.gwtrace", "--filter", "conn==2"]],
])("exit code %i: %j", async (code, args) => {
  const run = await check(...args);
  expect(run).toMatchObject({ code, stderr: "" });
  expect(run.stdout).toMatch(code === 0 ? /\npassed: |^passed: / : /^FAIL[^]*\nfailed: /);
});

describe("formats", () => {
  test.each([
    ["json", /^\{\n {2}"passed": false/],
    ["junit", /^<\?xml version="1\.0"/],
    ["sarif", /"version": "2\.1\.0"/],
    ["github", /^::error title=gw-trace%3A missing-scope-not-requested,file=bad\.gwtrace::/],
  ])("%s", async (format, expected) => {
    const run = await check("bad.gwtrace", "--format", format);
    expect(run).toMatchObject({ code: 1, stderr: "" });
    expect(run.stdout).toMatch(expected);
  });

  test("GitHub's own where it runs there, unless another is asked for", async () => {
    const options = { cwd: folder, env: { GITHUB_ACTIONS: "true" } };
    expect((await runCli(["check", "bad.gwtrace"], options)).stdout).toMatch(/^::error /);
    const asked = await runCli(["check", "bad.gwtrace", "--format", "text"], options);
    expect(asked.stdout).toMatch(/^FAIL/);
  });
});

test.each([
  ["a finding that does not exist", ["--fail-on", "mising-scope"], "the nearest is missing-scope"],
  ["a severity that does not exist", ["--fail-on", "errors"], "the nearest is error"],
  ["none with others", ["--fail-on", "none,error"], "goes with nothing else"],
  ["a duration that is none", ["--max-latency", "fast"], "--max-latency fast cannot be read"],
  ["a format that does not exist", ["--format", "xml"], "Allowed choices are"],
  [
    "a filter that names nothing",
    ["--filter", "methd==agent"],
    "did you mean method? The fields are ",
  ],
  ["a filter that matches nothing", ["--filter", "size>9000000"], "matches nothing"],
])("%s is wrong usage", async (_, args, expected) => {
  const run = await check("good.gwtrace", ...args);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(expected);
  expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
});
