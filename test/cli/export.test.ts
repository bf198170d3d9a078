import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { challenge, connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { runCli, type CliRun } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";
import { runPty, whyNoPty } from "../tui/pty.ts";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");
const shipped = (name: string) => path.join(SHIPPED, `${name}.gwtrace`);

let folder = "";
const at = (file: string) => path.join(folder, file);
const run = (...args: readonly string[]): Promise<CliRun> =>
  runCli(args, { cwd: folder, env: { GW_TRACE_DIR: folder } });
const given = (input: string | Uint8Array, ...args: readonly string[]): Promise<CliRun> =>
  runCli(args, { cwd: folder, env: { GW_TRACE_DIR: folder }, input: Buffer.from(input) });

const talk = (connection: number, startMs: number) =>
  conversation(
    { connection, startMs },
    challenge(),
    connect({ scopes: ["operator.read"], auth: { token: "hunter2-hunter2" } }),
    helloOk({ scopes: ["operator.read"] }),
    req("c1", "health"),
    req("c2", "sessions.list"),
    ok("c2"),
    ok("c1"),
  );

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeRecording(at("clear.gwtrace"), [talk(1, 0), talk(2, 5000)], { redaction: "off" });
});

async function contentOf(file: string) {
  await using reader = await openRecording(file);
  return { header: reader.header, entries: await readAll(reader) };
}

describe("JSON lines", () => {
  test("go to standard output, come back through standard input, and are the same", async () => {
    const exported = await run("export", shipped("sessions-spawn-77807"));
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    const imported = await given(exported.stdout, "import", "-", "-o", "back.gwtrace", "--json");
    expect(imported.code).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ format: "json-lines", skipped: 0, notes: [] });
    expect(await contentOf(at("back.gwtrace"))).toEqual(
      await contentOf(shipped("sessions-spawn-77807")),
    );
  }); // prettier-ignore

  test("in clear they say so, and come back redacted unless told otherwise", async () => {
    const exported = await run("export", "clear", "-o", "clear.jsonl");
    expect(exported).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "clear holds credentials IN CLEAR, and so does what was written\n",
    });
    expect((await stat(at("clear.jsonl"))).mode & 0o777).toBe(0o600);
    await run("import", "clear.jsonl", "-o", "redacted.gwtrace");
    expect((await readFile(at("redacted.gwtrace"))).includes("hunter2")).toBe(false);
    expect((await contentOf(at("redacted.gwtrace"))).header.redaction).toBe("credentials");
    const kept = await run("import", "clear.jsonl", "-o", "kept.gwtrace", "--no-redact");
    expect(kept.stderr).toContain("IN CLEAR");
    expect(await contentOf(at("kept.gwtrace"))).toEqual(await contentOf(at("clear.gwtrace")));
  });

  test("nothing is written over", async () => {
    await writeFile(at("there.jsonl"), "mine");
    const { code, stderr } = await run("export", "clear", "-o", "there.jsonl");
    expect(code).toBe(2);
    expect(stderr).toContain("there.jsonl is there already");
    expect(await readFile(at("there.jsonl"), "utf8")).toBe("mine");
  });

  test("--filter keeps what matches, with handshakes and both halves of calls", async () => {
    const { code, stdout } = await run("export", "clear", "--filter", "conn==2 && method==health");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line)); // prettier-ignore
    expect(lines.map(({ kind, frame }) => frame?.method ?? frame?.id ?? frame?.event ?? kind)).toEqual([
      "header", "opened", "http-request", "http-response", "connect.challenge", "connect", "connect-1", "health", "c1", "closed", "end",
    ]); // prettier-ignore
    const wrong = await run("export", "clear", "--filter", "methd==health", "-o", "no.jsonl");
    expect(wrong.code).toBe(2);
    await expect(stat(at("no.jsonl"))).rejects.toThrow("ENOENT");
  });

  test.skipIf(!hasJq())("the line of the help works with jq", async () => {
    await run("export", "clear", "-o", "clear.jsonl");
    const asked = 'select(.frame.method == "connect").frame.params.scopes';
    expect(execFileSync("jq", ["-c", asked, at("clear.jsonl")], { encoding: "utf8" })).toBe(
      '["operator.read"]\n["operator.read"]\n',
    );
  });
});

test("the ending names the format, and a HAR shows what the recording shows", async () => {
  await run("export", shipped("missing-scope-2026.9.6"), "-o", "x.har");
  const imported = await run("import", "x.har", "-o", "missing-scope-2026.9.6.gwtrace");
  expect(imported.code).toBe(0);
  expect(imported.stderr).toContain("message times are in seconds");
  const shown = await run("show", at("missing-scope-2026.9.6.gwtrace"));
  expect(shown.stdout).toBe((await run("show", shipped("missing-scope-2026.9.6"))).stdout);
  const bad = await run("export", "clear", "--format", "pcap");
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain("Allowed choices are jsonl, har");
  const several = await run("export", "clear", "clear");
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining("gw-trace merge") });
});

test("a HAR with credentials is redacted, headers and messages, in its name's recording", async () => {
  await run("export", "clear", "-o", "session.har");
  const { code, stdout } = await run("import", "session.har");
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${at("session.gwtrace")}\n` });
  const { entries } = await contentOf(at("session.gwtrace"));
  expect(JSON.stringify(entries)).not.toContain("hunter2");
  expect(entries).toHaveLength(22);
});

test("a packet capture becomes the recording that the tap would have made", async () => {
  const capture = path.resolve(import.meta.dirname, "../exchange/fixtures/sessions-spawn.pcapng");
  const { code, stdout, stderr } = await run("import", capture);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${at("sessions-spawn.gwtrace")}\n` });
  expect(stderr).toMatch(/^imported 2 connections, \d+ entries from .*, credentials redacted\n$/);
  const shown = await run("show", "sessions-spawn");
  expect(shown.stdout).toContain("agent was refused: missing scope operator.write");
});

describe("what cannot be imported is one clear line", () => {
  test.each([
    ["a recording", readFileSync(shipped("scope-upgrade")), "a recording already"],
    ["a pcapng file", Buffer.from("0a0d0d0a1c0000004d3c2b1a", "hex"), "holds no connection"],
    ["a pcap file", Buffer.from("d4c3b2a10200040000000000", "hex"), "holds no connection"],
    ["a zip file", Buffer.from("504b030414000000", "hex"), "a zip archive"],
    ["a gzip file", gzipSync("{}"), "compressed"],
    ["a cut HAR", Buffer.from('{\n  "log": {\n    "version": "1.2",'), "is not a HAR"],
    ["a HAR without entries", Buffer.from('{"log":{"entries":[]}}'), "no entry in it makes sense"],
    ["JSON lines without a header", Buffer.from('{"kind":"opened"}\n'), "line 1 is not its header"],
  ])("%s", async (_, bytes, why) => {
    const { code, stdout, stderr } = await given(bytes, "import", "-", "-o", "out.gwtrace");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^gw-trace: standard input (?:is|holds) [^\n]*\n$/);
    expect(stderr).toContain(why);
    await expect(stat(at("out.gwtrace"))).rejects.toThrow("ENOENT");
  });
});

function hasJq(): boolean {
  try {
    execFileSync("jq", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(whyNoPty() !== null)("how far an export is", () => {
  /** A clock by which everything takes long enough to be told of. */
  const slow = "data:text/javascript,let ms=0;performance.now=()=>(ms+=2000)";
  const main = path.resolve(import.meta.dirname, "../../dist/cli/main.js");

  /** All that comes to a terminal. */
  async function shownBy(...args: readonly string[]): Promise<string> {
    const command = [process.execPath, "--import", slow, main, ...args];
    const quoted = command.map((word) => `'${word}'`).join(" ");
    await using pty = await runPty(`cd ${folder}; exec ${quoted}`);
    expect(await pty.exit).toBe(0);
    return pty.screen.written;
  }

  test("is told on a terminal, but not in between the export itself", async () => {
    const recording = shipped("sessions-spawn-77807");
    expect(await shownBy("export", recording, "-o", "told.jsonl")).toContain(
      "exporting sessions-spawn-77807",
    );
    const { stdout } = await run("export", recording);
    expect(await shownBy("export", recording)).toBe(stdout.replaceAll("\n", "\r\n"));
    expect(await shownBy("export", recording, "-o", "-", "--format", "har")).not.toContain(
      "\u001b",
    );
  });
});
