import { createHash } from "node:crypto";
import { copyFile, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  refused,
  req,
} from "../support/conversation.ts";
import { runCli, type CliRun } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");

let folder = "";
const at = (name: string) => path.join(folder, `${name}.gwtrace`);
const run = (...args: readonly string[]): Promise<CliRun> =>
  runCli(args, { cwd: folder, env: { GW_TRACE_DIR: folder } });

const talk = (connection: number, startMs: number) =>
  conversation(
    { connection, startMs, peerAddress: "100.64.0.5:50002" },
    challenge(),
    connect({
      scopes: ["operator.read"],
      auth: { token: "hunter2-hunter2" },
      device: "9f".repeat(32),
    }),
    helloOk({ scopes: [] }),
    req("c1", "sessions.list", { search: "peter@example.com" }),
    refused("c1", "INVALID_REQUEST", "missing scope: operator.read"),
    close("client"),
  );

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeRecording(at("clear"), [talk(1, 0), talk(2, 5000)], { redaction: "off" });
});

async function digest(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

describe("scrub", () => {
  test("writes a copy without what tells of anybody; the input stays, the output is the owner's", async () => {
    const before = await digest(at("clear"));
    const { code, stdout, stderr } = await run("scrub", "clear", at("shared"));
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: at("shared") });
    expect(stderr).toMatch(/^scrubbed at identifiers: \d+ of 20 entries changed\n$/);
    expect(await digest(at("clear"))).toBe(before);
    expect((await stat(at("shared"))).mode & 0o777).toBe(0o600);
    await using reader = await openRecording(at("shared"));
    expect(reader.header).toMatchObject({ scrubbed: "identifiers", redaction: "credentials" });
    const text = JSON.stringify(await readAll(reader));
    for (const gone of ["hunter2", "9f9f9f", "peter@", "100.64.0.5"])
      expect(text).not.toContain(gone);
    expect((await run("show", "shared")).stdout).toContain(
      "scrubbed of credentials and identifiers",
    );
    expect((await run("scrub", "--check", "shared")).code).toBe(0);
  });

  test("a check exits with 1 and names entry and path", async () => {
    const { code, stdout } = await run("scrub", "clear", "--check", "--level", "credentials");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^clear: 2 places where something is left of credentials\n {2}entry 5, connection 1, params\.auth\.token\n/,
    );
    const json = await run("scrub", "clear", "--check", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      recording: "clear",
      clean: false,
      level: "identifiers",
    });
  });

  test("a check of what is the user's own", async () => {
    await run("scrub", "clear", at("shared"));
    expect((await run("scrub", "--check", "shared", "--add-value", "sessions")).code).toBe(0);
    expect(
      (await run("scrub", "--check", "shared", "--add-path", "params.client.version")).code,
    ).toBe(1);
  });

  test("never writes over a file, nor over its input", async () => {
    for (const output of [at("clear"), "clear.gwtrace"]) {
      const { code, stderr } = await run("scrub", "clear", output);
      expect(code).toBe(2);
      expect(stderr).toContain("is there already");
    }
    expect((await run("scrub", "clear")).stderr).toContain("Name the file to write");
  });
});

describe("minimize", () => {
  test("writes the smallest recording that shows the finding", async () => {
    const { code, stdout, stderr } = await run(
      "minimize",
      "clear",
      "--keep-finding",
      "missing-scope",
    );
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: at("clear-minimal") });
    expect(stderr).toMatch(/20 entries became 10, after \d+ tries; missing-scope still shows\n$/);
    const shown = JSON.parse((await run("show", "clear-minimal", "--json")).stdout);
    expect(shown.connections).toHaveLength(1);
    expect(shown.findings.map((finding: { readonly code: string }) => finding.code)).toContain(
      "missing-scope-dropped",
    );
  });

  test("says what the recording shows when it does not show that", async () => {
    const { code, stderr } = await run("minimize", "clear", "--keep-finding", "rate-limited");
    expect(code).toBe(2);
    expect(stderr).toContain("does not show rate-limited. It shows ");
    expect((await run("minimize", "clear", "--keep-finding", "rate-limted")).stderr).toContain(
      "the nearest is rate-limited",
    );
  });
});

test("merge and cut undo each other", async () => {
  await run("cut", "clear", "--connection", "1", "-o", at("first"));
  await run("cut", "clear", "--from", "4s", "-o", at("second"));
  const merged = await run("merge", "first", "second", "-o", at("both"));
  expect(merged.stderr).toBe("merged 2 recordings: 2 connections, 20 entries\n");
  await using before = await openRecording(at("clear"));
  await using after = await openRecording(at("both"));
  expect(await readAll(after)).toEqual(await readAll(before));
});

test("cut by a filter keeps handshakes; what nothing fits is told", async () => {
  const cut = await run("cut", "clear", "--filter", "conn==2 && !ok", "-o", at("refusals"));
  expect(cut.stderr).toBe("kept 10 of 20 entries\n");
  const nothing = await run("cut", "clear", "--connection", "9", "--from", "4s");
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toContain("nothing in clear fits --connection 9 and --from 4s");
  expect((await run("cut", "clear")).stderr).toContain("Add --filter");
});

test("info tells header, size, versions and counts", async () => {
  const { code, stdout } = await run("info", "clear");
  expect(code).toBe(0);
  for (const part of [
    "5.0 s long",
    "OpenClaw 2026.5.4",
    "20 entries",
    "CREDENTIALS IN CLEAR",
    "yes, it was closed",
  ])
    expect(stdout).toContain(part);
  expect(JSON.parse((await run("info", "clear", "--json")).stdout).recordings[0]).toMatchObject({
    connections: 2,
    entryCount: 20,
    whole: true,
  });
});

test("verify exits with 1 and says what is damaged", async () => {
  expect(await run("verify", "clear")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^clear: sound, 20 entries read/),
  });
  const bytes = await readFile(at("clear"));
  bytes.fill(0, bytes.length - 700, bytes.length - 640);
  await writeFile(at("damaged"), bytes);
  const damaged = await run("verify", "damaged");
  expect(damaged.code).toBe(1);
  expect(damaged.stdout).toMatch(/NOT SOUND[^]*lost/);
  const cut = await run("verify", path.join(SHIPPED, "cut-short.gwtrace"));
  expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining("it was not closed") });
});

test("ls shows version, connections and findings", async () => {
  await writeFile(at("broken"), "nothing");
  const { stdout } = await run("ls");
  expect(stdout).toMatch(
    /clear +2026-11-23 12:00:00 UTC .* 5\.0 s +2026\.5\.4 +2 connections +\d+ errors?/,
  );
  expect(stdout).toMatch(/broken .*is not a gw-trace recording/);
});

describe("prune", () => {
  beforeEach(async () => {
    await copyFile(at("clear"), at("old"));
    await writeFile(path.join(folder, "old-notes.txt"), "keep me");
    await writeFile(at("no-recording"), "keep me");
    const past = new Date(Date.now() - 40 * 86_400_000);
    for (const file of ["old.gwtrace", "old-notes.txt", "no-recording.gwtrace"])
      await utimes(path.join(folder, file), past, past);
  });

  test("deletes with --yes only recordings that are old", async () => {
    const { code, stdout } = await run("prune", "--older-than", "30d", "--yes");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${at("old")}\n` });
    expect((await readdir(folder)).toSorted()).toEqual([
      "clear.gwtrace",
      "no-recording.gwtrace",
      "old-notes.txt",
    ]);
  });

  test("lists with --dry-run, and without a terminal refuses to go on unasked", async () => {
    const listed = await run("prune", "--older-than", "30d", "--dry-run");
    expect(listed).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/old .* 40 days old\n1 recording/),
    });
    expect(await run("prune", "--older-than", "30d")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Add --yes"),
    });
    expect(await readdir(folder)).toContain("old.gwtrace");
    expect((await run("prune", "--older-than", "soon", "--yes")).code).toBe(2);
  });
});
