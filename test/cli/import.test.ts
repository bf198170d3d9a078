import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { connect, conversation, numbered } from "../support/conversation.ts";
import { HEADER } from "../support/traces.ts";
import { runCli } from "../support/run-cli.ts";

const ENTRIES = numbered(
  conversation({ ends: false }, connect({ auth: { token: "a-secret-token" } })),
);
const HEAD = JSON.stringify({ kind: "header", ...HEADER, redaction: "off" });
const END = JSON.stringify({ kind: "end", entries: ENTRIES.length, complete: true, missing: [] });
const EXPORTED = [HEAD, ...ENTRIES.map(encodeEntryLine), END];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-import-"));
  await writeFile(join(folder, "last.jsonl"), EXPORTED.toSpliced(3, 0, "not JSON").join("\n"));
});

afterEach(() => rm(folder, { recursive: true }));

test("writes a recording, redacted, into the recordings folder, and prints its path", async () => {
  const ended = await runCli(["import", "last.jsonl"], {
    cwd: folder,
    env: { GW_TRACE_DIR: folder },
  });
  const path = join(folder, "last.gwtrace");
  expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
  expect(ended.stderr).toContain("1 line skipped\n  line 4: it is not JSON\n");
  await using reader = await openRecording(path);
  expect(reader).toMatchObject({ complete: true, entryCount: ENTRIES.length + 1 });
  expect(reader.header).toMatchObject({ source: "tap", redaction: "credentials" });
  const stored = await reader.read(1, ENTRIES.length);
  expect(JSON.stringify(stored)).toContain("connect");
  expect(JSON.stringify(stored)).not.toContain("a-secret-token");
});

test("keeps credentials when asked, reads standard input, and never writes over a file", async () => {
  const args = ["import", "-", "--no-redact", "--json", "-o", "out.gwtrace"];
  const ended = await runCli(args, { cwd: folder, input: Buffer.from(EXPORTED.join("\n")) });
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    entries: ENTRIES.length,
    skipped: 0,
    complete: true,
  });
  expect(ended.stderr).toContain("credentials IN CLEAR");
  const before = await readFile(join(folder, "out.gwtrace"));
  expect(before.includes("a-secret-token")).toBe(true);
  const again = await runCli(args, { cwd: folder, input: Buffer.from(EXPORTED.join("\n")) });
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("is there already");
  expect(await readFile(join(folder, "out.gwtrace"))).toEqual(before);
});

test.each([
  ["a file that is not there", ["import", "no.jsonl"], "there is no file no.jsonl"],
  ["a folder", ["import", "."], "cannot be read"],
  ["an empty file", ["import", "-"], "nothing that gw-trace can import"],
  ["JSON lines without their header", ["import", "-"], "line 1 is not its header", '{"kind":"opened"}\n{}'],
  ["another program's JSON", ["import", "-"], "nothing that gw-trace can import", "[]\n[]"],
  ["another program's JSON lines", ["import", "-"], "nothing that gw-trace can import", '{"t":1,"ev":"open"}\n'],
  ["plain text", ["import", "-"], "nothing that gw-trace can import", "GET / HTTP/1.1\r\n"],
])("%s is one clear line, exit code 2, and no file", async (_, args, expected, stdin = "") => {
  const ended = await runCli([...args, "-o", "out.gwtrace"], { cwd: folder, input: Buffer.from(stdin) });
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(expected);
  await expect(readFile(join(folder, "out.gwtrace"))).rejects.toThrow("ENOENT");
}); // prettier-ignore
