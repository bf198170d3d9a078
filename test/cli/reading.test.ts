import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const RECORDINGS = path.join(ROOT, "recordings");
const FAILING = path.join(RECORDINGS, "sessions-spawn-77807.gwtrace");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-cli-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("show", () => {
  test("prints the golden report, by path, by name and from standard input", async () => {
    const golden = await readFile(FAILING.replace(/\.gwtrace$/, ".txt"), "utf8");
    expect(await runCli(["show", FAILING])).toEqual({ code: 0, stdout: golden, stderr: "" });
    expect((await runCli(["show", "sessions-spawn-77807"], { cwd: folder })).stdout).toBe(golden);
    const piped = await runCli(["show", "-"], { input: await readFile(FAILING) });
    expect(piped.stdout).toBe(golden.replace(/^.*\n/, "standard input\n"));
  });

  test("--tail lists the newest frames as --frames does", async () => {
    const { stdout: all } = await runCli(["show", FAILING, "--frames"]);
    const lines = all.trimEnd().split("\n");
    for (const count of [1, 7, 1000]) {
      const { code, stdout } = await runCli(["show", FAILING, "--tail", String(count)]);
      expect({ code, lines: stdout.trimEnd().split("\n") }).toEqual({
        code: 0,
        lines: lines.slice(-count),
      });
    }
  });

  test.each([
    [["--tail", "0"], "--tail 0 is no count"],
    [["--tail", "5", "--filter", "!ok"], "goes with no --filter"],
    [["--tail", "5", "--json"], "goes with no --json"],
    [["--frames", "--json"], "goes with no --json"],
  ])("refuses %j", async (options, problem) => {
    const { code, stderr } = await runCli(["show", FAILING, ...options]);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
  });

  test("--json is one document that holds the founding case", async () => {
    const { code, stdout } = await runCli([
      "show",
      FAILING,
      path.join(RECORDINGS, "direct-agent-control.gwtrace"),
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      recording: { complete: true, missing: [] },
      recordings: [{ name: "sessions-spawn-77807" }, { name: "direct-agent-control" }],
      connections: expect.arrayContaining([
        expect.objectContaining({
          recording: "sessions-spawn-77807",
          device: null,
          scopes: expect.objectContaining({
            requested: ["operator.write"],
            granted: [],
            effective: [],
          }),
        }),
      ]),
      findings: expect.arrayContaining([
        expect.objectContaining({
          code: "missing-scope-dropped",
          title: "agent was refused: missing scope operator.write",
          why: expect.stringContaining("no device identity"),
          contrast: expect.objectContaining({ method: "agent", recording: "direct-agent-control" }),
        }),
      ]),
    });
  });

  test("--filter narrows, and a value that does not occur names the nearest", async () => {
    const { stdout } = await runCli(["show", FAILING, "--frames", "--filter", "method==agent"]);
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(/-> req +agent/),
      expect.stringMatching(/<- res +agent .* REFUSED INVALID_REQUEST$/),
    ]);
    expect(await runCli(["show", FAILING, "--filter", "method==agnt"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /^gw-trace: --filter, position 9: there is no method "agnt" here; the nearest is agent\..*\n$/,
      ),
    });
  });
});

describe("bad input ends in one clear line", () => {
  test.each([
    [
      "no such recording",
      ["show", "no-such"],
      /^gw-trace: there is no recording no-such in .+\. List what there is with gw-trace ls\.\n$/,
    ],
    [
      "a folder",
      ["show", RECORDINGS],
      /^gw-trace: .+recordings is a folder, not a recording\. List .+ gw-trace ls .+\n$/,
    ],
    [
      "a choice that there is not",
      ["check", FAILING, "--format", "jsn"],
      /^gw-trace: option '--format <format>' argument 'jsn' is invalid\. .+\. Did you mean json\? .+\n$/,
    ],
    [
      "a family that there is not",
      ["minimize", FAILING, "--keep-finding", "mising-scope"],
      /^gw-trace: --keep-finding: there is no finding mising-scope; the nearest is missing-scope\. .+\n$/,
    ],
    [
      "not a recording",
      ["show", path.join(ROOT, "package.json")],
      /^gw-trace: .*is not a gw-trace recording: .+\n$/,
    ],
    [
      "from the future",
      ["show", path.join(RECORDINGS, "from-the-future.gwtrace")],
      /^gw-trace: .*format version .+ Use gw-trace .+\n$/,
    ],
    ["an unknown command", ["sho"], /^gw-trace: unknown command 'sho'\. Did you mean show\? .+\n$/],
    [
      "an unknown option",
      ["show", "--jsn", "x"],
      /^gw-trace: unknown option '--jsn'\. Did you mean --json\? .+\n$/,
    ],
    ["a missing argument", ["show"], /^gw-trace: missing required argument 'recording'\. .+\n$/],
    [
      "an unknown call",
      ["explain", FAILING, "agnt"],
      /^gw-trace: .*no connection, method or request id "agnt"\. The nearest is agent\.\n$/,
    ],
    ["no terminal", ["tui", FAILING], /^gw-trace: .+\n$/],
  ])("%s", async (_, args, line) => {
    expect(await runCli(args)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(line),
    });
  });

  test("an empty file", async () => {
    const empty = path.join(folder, "empty.gwtrace");
    await writeFile(empty, "");
    expect(await runCli(["show", empty])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^gw-trace: .+holds nothing.+\n$/),
    });
  });

  test("with --json the error is one line of JSON", async () => {
    const { code, stderr } = await runCli(["show", "no-such", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "RECORDING_NOT_FOUND", hint: expect.any(String) },
    });
  });

  test("a recording that was cut short is shown as far as it goes", async () => {
    const { code, stdout } = await runCli(["show", path.join(RECORDINGS, "cut-short.gwtrace")]);
    expect(code).toBe(0);
    expect(stdout).toContain("NOT COMPLETE");
    expect(stdout).toContain("the recording was cut short");
  });
});

describe("ls", () => {
  test("lists what is there, the newest first, the unreadable with the reason", async () => {
    const { stdout } = await runCli(["ls", RECORDINGS, "--json"]);
    const { recordings } = JSON.parse(stdout);
    const names = recordings.map(({ name }: { readonly name: string }) => name);
    expect(names).toContain("sessions-spawn-77807");
    expect(names.at(-1)).toBe("from-the-future");
    expect((await runCli(["ls", RECORDINGS])).stdout).toMatch(/cut-short .* not complete/);
  });

  test("names what comes with gw-trace, beside the user's own", async () => {
    const { stdout } = await runCli(["ls"], { env: { GW_TRACE_DIR: folder } });
    expect(stdout).toMatch(/^Shipped with gw-trace: .*sessions-spawn-77807/m);
  });

  test("says so when there is nothing", async () => {
    expect((await runCli(["ls", folder])).stdout).toMatch(/empty/);
    expect((await runCli(["ls", path.join(folder, "nowhere")])).stdout).toMatch(
      /^No recordings in /,
    );
  });
});

test("explain tells one connection, found by number, method or request id", async () => {
  for (const what of ["1", "c1", "agent"]) {
    const { stdout } = await runCli(["explain", FAILING, what]);
    expect(stdout).toMatch(/^Connection 1 of sessions-spawn-77807\n/);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("It said it is gateway-client/backend");
    expect(stdout).not.toContain("Connection 2");
  }
});

test("report writes Markdown, and never over a file", async () => {
  const file = path.join(folder, "issue.md");
  expect((await runCli(["report", FAILING, "-o", file])).code).toBe(0);
  const report = await readFile(file, "utf8");
  expect(report).toMatch(/^- agent was refused: missing scope operator\.write \(connection 1\)/);
  expect(report).toContain("#5 client: {");
  // What the Gateway granted proves the finding, and stands behind a hundred method names.
  expect(report).toContain('"auth":{"role":"operator","scopes":[]}');
  expect(await runCli(["report", FAILING, "-o", file])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/is there already/),
  });
  expect(await readFile(file, "utf8")).toBe(report);
});

test("findings lists every kind", async () => {
  const { stdout } = await runCli(["findings"]);
  expect(stdout).toMatch(/^missing-scope-dropped \(error\)$/m);
});

test("the demo replays, records and explains the founding case, with no network but loopback", async () => {
  const { code, stdout, stderr } = await runCli(["demo"], { cwd: folder, env: { TMPDIR: folder } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^demo\n/);
  expect(stdout).toContain("agent was refused: missing scope operator.write");
  expect(stdout).toContain("agent succeeded on connection 2 of direct-agent-control");
  expect(stdout).not.toContain("missing   ");
  expect(stderr).toContain("Try next:");
});

test("colours obey NO_COLOR, FORCE_COLOR and the pipe", async () => {
  const red = "\u001b[31m";
  expect((await runCli(["show", FAILING])).stdout).not.toContain(red);
  expect((await runCli(["show", FAILING], { env: { FORCE_COLOR: "1" } })).stdout).toContain(red);
  expect(
    (await runCli(["show", FAILING], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout,
  ).not.toContain(red);
});
