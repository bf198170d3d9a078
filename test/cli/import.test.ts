import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { runCli } from "../support/run-cli.ts";

const LINES = [
  { t: 0, ev: "meta", wall: "2026-11-23T03:10:21.000Z", listen: "127.0.0.1:1", to: "127.0.0.1:2" },
  { t: 1, conn: 1, ev: "open", peer: "127.0.0.1:3" },
  {
    t: 2,
    conn: 1,
    ev: "msg",
    dir: "c2s",
    opcode: "text",
    text: '{"type":"req","id":"1","method":"connect","params":{"auth":{"token":"a-secret-token"}}}',
  },
];
const CAPTURE = LINES.map((line) => `${JSON.stringify(line)}\n`).join("");

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-import-"));
  await writeFile(join(folder, "capture.jsonl"), `${CAPTURE}not JSON\n`);
});

afterEach(() => rm(folder, { recursive: true }));

test("writes a recording, redacted, into the recordings folder, and prints its path", async () => {
  const ended = await runCli(["import", "capture.jsonl"], {
    cwd: folder,
    env: { GW_TRACE_DIR: folder },
  });
  const path = join(folder, "capture.gwtrace");
  expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
  expect(ended.stderr).toContain("1 line skipped\n  line 4: not a JSON object\n");
  await using reader = await openRecording(path);
  expect(reader).toMatchObject({ complete: true, entryCount: 2 });
  expect(reader.header).toMatchObject({ source: "import", redaction: "credentials" });
  const [, connect] = await reader.read(1, 2);
  expect(JSON.stringify(connect)).toContain("connect");
  expect(JSON.stringify(connect)).not.toContain("a-secret-token");
});

test("keeps credentials when asked, reads standard input, and never writes over a file", async () => {
  const args = ["import", "-", "--no-redact", "--json", "-o", "out.gwtrace"];
  const ended = await runCli(args, { cwd: folder, input: Buffer.from(CAPTURE) });
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ entries: 2, skipped: 0, complete: true });
  expect(ended.stderr).toContain("credentials IN CLEAR");
  const before = await readFile(join(folder, "out.gwtrace"));
  expect(before.includes("a-secret-token")).toBe(true);
  const again = await runCli(args, { cwd: folder, input: Buffer.from(CAPTURE) });
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("is there already");
  expect(await readFile(join(folder, "out.gwtrace"))).toEqual(before);
});

test.each([
  ["a file that is not there", ["import", "no.jsonl"], "there is no file no.jsonl"],
  ["a folder", ["import", "."], "cannot be read"],
  ["an empty file", ["import", "-"], "it has no lines"],
  ["a capture without connections", ["import", "-"], "it tells of no connection", '{"t":0,"ev":"meta","wall":"2026-11-23T03:10:21.000Z"}'],
  ["no capture", ["import", "-"], "no line makes sense (line 1: not a JSON object)", "[]\n[]"],
])("%s is one clear line, exit code 2, and no file", async (_, args, expected, stdin = "") => {
  const ended = await runCli([...args, "-o", "out.gwtrace"], { cwd: folder, input: Buffer.from(stdin) });
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(expected);
  await expect(readFile(join(folder, "out.gwtrace"))).rejects.toThrow("ENOENT");
}); // prettier-ignore
