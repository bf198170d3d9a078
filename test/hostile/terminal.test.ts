import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { runRecord, tapPort } from "../cli/record-run.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway, type Answer, type Asked } from "../support/scripted-gateway.ts";
import { readingLines, talkingLines } from "./command-lines.ts";
import { answerAs, speakAs } from "./hostile-peers.ts";
import { writeNamed } from "./named-recording.ts";

/** What a peer, or a file's name, may hold to get at the terminal of whoever reads of it. */
const HOSTILE = [
  "A\u001b[31;8mB",
  "A\u001b]0;TITLE\u0007B",
  "A\u001b]52;c;UFdO\u001b\\B",
  "A\u009b2JB",
  "A\u009d0;TITLE\u009cB",
  "A\u001b[c\u001b[6nB",
  "A\u0090+q544e\u009cB",
  "A\r\b\u007fB",
  "A\u202eB\u2066C",
  "A\u200bB\u2060\ufeffC",
  "A\u2028B\u2029C",
  "A\u{e0041}B",
];

const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** The colours of our own, which are the only sequences that a coloured output may hold. */
const COLOURS = /\u001b\[(?:[0-2]|22|3[0-79]|9[0-7])m/g;

const HELLO = {
  type: "hello-ok",
  protocol: 4,
  server: { version: HOSTILE.join("") },
  features: { methods: ["status", "health", "agent", ...HOSTILE], events: HOSTILE },
  auth: { role: "operator", scopes: [] },
};

const SRC = path.resolve(import.meta.dirname, "../../src");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-terminal-"));
  await writeNamed(path.join(folder, "hostile.gwtrace"), HOSTILE, ["A\u001b[2JB\u009b2JC\u202eD"]);
  await writeNamed(path.join(folder, "clients.gwtrace"), HOSTILE);
  // A file's name cannot hold this one.
  await writeNamed(path.join(folder, "nul.gwtrace"), ["A\u0000B"]);
  for (const name of HOSTILE)
    await cp(path.join(folder, "clients.gwtrace"), path.join(folder, `${name}.gwtrace`));
});

afterAll(() => rm(folder, { recursive: true }));

/** What a command printed that a terminal would act on. Throws where it printed something else than a JSON document that was wanted. */
async function rawIn(args: readonly string[], color = false): Promise<readonly string[]> {
  const { stdout, stderr } = await runCli(args, {
    cwd: folder,
    env: {
      GW_TRACE_DIR: folder,
      OPENCLAW_GATEWAY_TOKEN: "token-of-a-test",
      ...(color ? { FORCE_COLOR: "1" } : {}),
    },
  });
  if (args.includes("--json") && stdout !== "") JSON.parse(stdout);
  const printed = color ? (stdout + stderr).replaceAll(COLOURS, "") : stdout + stderr;
  return [...printed.matchAll(UNSAFE)].map(({ index }) =>
    JSON.stringify(printed.slice(index - 30, index + 10)),
  );
}

const LINES = readingLines("hostile.gwtrace").map(
  (args) => [args.slice(0, 6).join(" "), args] as const,
);

test.concurrent.each(LINES)(
  "gw-trace %s prints nothing raw",
  { timeout: 60_000 },
  async (_, args) => {
    expect(await rawIn(args)).toEqual([]);
  },
);

test.concurrent.each(["event", "method", "code"])(
  "the nearest %s is not named raw",
  async (field) => {
    const args = ["show", "nul.gwtrace", "--filter", `${field}==AB`];
    const { stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toContain(String.raw`the nearest is A\x00B`);
    expect(await rawIn(args)).toEqual([]);
  },
);

test.concurrent.each(["show", "explain", "report", "check", "diff", "info", "verify", "ls"])(
  "gw-trace %s prints nothing raw in colour",
  async (command) => {
    const files = { ls: [], diff: ["hostile.gwtrace", "clients.gwtrace"] }[command];
    expect(await rawIn([command, ...(files ?? ["hostile.gwtrace"])], true)).toEqual([]);
  },
);

test("nor do probe, and replays to a Gateway, whatever it says", async () => {
  await using gateway = await startScriptedGateway(answerAs(HOSTILE));
  for (const args of talkingLines("clients.gwtrace", gateway.url))
    expect(await rawIn(args)).toEqual([]);
  expect(await rawIn(["probe", "--url", gateway.url], true)).toEqual([]);
}, 120_000);

const ERROR = { code: HOSTILE.join(), message: HOSTILE.join(), details: { code: HOSTILE.join() } };

test.each<[string, Answer, Answer]>([
  ["grants scopes that nobody asked for", { payload: { ...HELLO, auth: { role: "operator", scopes: HOSTILE } } }, null],
  ["refuses the connect", { error: ERROR }, null],
  ["closes the connection", { error: { ...ERROR, message: HOSTILE[0] ?? "" }, close: 1008 }, null],
  ["refuses calls in other words", { payload: HELLO }, { error: ERROR }],
  ["closes on a call", { payload: HELLO }, { error: { ...ERROR, message: HOSTILE[1] ?? "" }, close: 1008 }],
])("nor does a probe of a Gateway that %s", async (_, connect, call) => {
  const answer = ({ method }: Asked): Answer => (method === "connect" ? connect : call);
  await using gateway = await startScriptedGateway(answer);
  for (const more of [[], ["--json"]]) expect(await rawIn(["probe", "--url", gateway.url, ...more])).toEqual([]);
}); // prettier-ignore

test("nor does record, whoever speaks through it", async () => {
  await using gateway = await startScriptedGateway(answerAs(HOSTILE));
  for (const more of [["recorded.gwtrace"], ["recorded-json.gwtrace", "--json"]]) {
    const args = ["--url", gateway.url, "--listen", "127.0.0.1:0", "-o", ...more];
    const tap = runRecord(folder, args);
    const port = await tapPort(tap, more.length > 1 ? /"listen":"[\d.]+:(\d+)"/ : undefined);
    for (const name of HOSTILE) await speakAs(name, port);
    tap.kill("SIGINT");
    await tap.exit;
    expect((tap.stdout() + tap.stderr()).match(UNSAFE)).toBeNull();
    expect(tap.stdout() + tap.stderr()).toMatch(/TITLE/);
  }
}, 120_000);

const NAMED = Object.keys(COMMANDS).filter(
  (name) => !["demo", "record", "completion"].includes(name),
);

test.concurrent.each(NAMED)("%s prints no file name raw, in an error or elsewhere", async (command) => {
  const [there = "", ...others] = HOSTILE.slice(1).map((name) => `${name}.gwtrace`);
  const absent = `no ${HOSTILE.join("")}`;
  const missing = [[absent], [absent, "--json"], [`--${absent}`]];
  // A replay of what is there would wait for clients.
  const present = command === "replay" ? [] : [[there], [there, ...others], [there, "-o", there]];
  for (const args of [...missing, ...present]) expect(await rawIn([command, ...args])).toEqual([]);
}, 120_000); // prettier-ignore

test("nor is an unknown command", async () => {
  for (const name of HOSTILE) expect(await rawIn([name])).toEqual([]);
});

test("nothing else writes to standard output or standard error", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const writers = files.filter(
    (file) =>
      file.endsWith(".ts") &&
      /process\.std(?:out|err)\.write|console\./.test(readFileSync(path.join(SRC, file), "utf8")),
  );
  // The far side of a measurement is a process of its own, which writes JSON to a pipe.
  expect(writers.toSorted()).toEqual([
    "cli/output.ts",
    "measure/far-side.ts",
    "tui/terminal-guard.ts",
  ]);
});
