import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { replayCommand } from "../../src/cli/replay.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { challenge, connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { LiveClient } from "../replay/live-client.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const WATCH = new URL("../replay/no-egress.mjs", import.meta.url).href;
const WS = import.meta.resolve("ws");

const HEALTH = conversation(
  {},
  challenge(),
  connect(),
  helloOk(),
  req("1", "health"),
  ok("1", { n: 1 }),
);

// A client of few words: connects where OpenClaw's environment says and asks for what is named; exits as told.
const CLIENT = `
import { WebSocket } from ${JSON.stringify(WS)};
const [method = "health", exitCode = "0"] = process.argv.slice(2);
const { OPENCLAW_GATEWAY_PORT: port, OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: token } = process.env;
console.log(JSON.stringify({ port: port !== undefined, url: url ?? null, token: token ?? null }));
const socket = new WebSocket("ws://127.0.0.1:" + port);
const connect = { minProtocol: 3, maxProtocol: 3, client: { id: "cli", mode: "cli", version: "1", platform: "linux" }, role: "operator", auth: { token: "t" } };
const say = (id, method, params) => socket.send(JSON.stringify({ type: "req", id, method, params }));
socket.on("message", (data) => {
  const { event, id } = JSON.parse(data);
  if (event === "connect.challenge") say("a", "connect", connect);
  if (id === "a") say("b", method, {});
  if (id === "b") socket.close();
});
socket.on("close", () => process.exit(Number(exitCode)));
`;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-replay-"));
  path = await write("recorded", HEALTH);
  await writeFile(join(folder, "client.mjs"), CLIENT);
});

afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, entries: readonly NewEntry[]): Promise<string> {
  const file = join(folder, `${name}.gwtrace`);
  const header = {
    source: "tap",
    startedAt: "2026-11-23T12:00:00.000Z",
    upstream: null,
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
  } as const;
  await using writer = await createRecording(file, header);
  for (const entry of entries) writer.append(entry);
  return file;
}

function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  preload: readonly string[] = [],
) {
  const { OPENCLAW_GATEWAY_TOKEN: _token, OPENCLAW_GATEWAY_URL: _url, ...inherited } = process.env;
  const child = spawn(process.execPath, [...preload, MAIN, "replay", ...args], {
    env: { ...inherited, GW_TRACE_DIR: folder, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const url = new Promise<string>((resolve) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const match = /ws:\/\/\S+/.exec(said);
      if (match !== null) resolve(match[0]);
    });
  });
  const ended = once(child, "exit").then(async ([code]: unknown[]) => ({
    code,
    stdout: await stdout,
    stderr: await stderr,
  }));
  return { child, url, ended };
}

function withClient(...args: readonly string[]): readonly string[] {
  return ["--", process.execPath, join(folder, "client.mjs"), ...args];
}

describe("with a command", () => {
  it("runs it against the recording and leaves stdout to it", async () => {
    const { code, stdout, stderr } = await start([path, ...withClient("health")]).ended;
    expect(stdout).toBe('{"port":true,"url":null,"token":null}\n');
    expect(stderr).toContain("as recorded: 1 call on 1 connection");
    expect(code).toBe(0);
  });

  it.each([
    ["the verdict's where the command is content", ["agent", "0"], 1],
    ["the command's own where it is not", ["health", "7"], 7],
    ["the command's own where both are bad", ["agent", "7"], 7],
  ])("ends with exit code: %s", async (_, args, expected) => {
    expect((await start([path, ...withClient(...args)]).ended).code).toBe(expected);
  });

  it("gives the URL only beside a token, and never another one's", async () => {
    const elsewhere = { OPENCLAW_GATEWAY_URL: "ws://192.0.2.1:1" };
    const without = await start([path, ...withClient()], elsewhere).ended;
    expect(JSON.parse(without.stdout)).toEqual({ port: true, url: null, token: null });
    const beside = await start([path, "--token-env", "MY_TOKEN", ...withClient()], {
      ...elsewhere,
      MY_TOKEN: "s3cret",
    }).ended;
    expect(JSON.parse(beside.stdout)).toEqual({
      port: true,
      url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
      token: "s3cret",
    });
  });

  it("prints one JSON document, with the command's words on stderr", async () => {
    const { stdout, stderr } = await start([path, "--json", ...withClient("health", "0")]).ended;
    expect(JSON.parse(stdout)).toMatchObject({ clean: true, recordings: ["recorded"] });
    expect(stderr).toContain('{"port":true');
  });

  it("leaves the command's own flags to it", async () => {
    const { stdout } = await start([
      path,
      "--",
      process.execPath,
      "-p",
      "process.argv.slice(1).join()",
      "--",
      "--json",
      "--reuse",
    ]).ended;
    expect(stdout).toBe("--json,--reuse\n");
  });

  it("passes signals on and ends when the command does", async () => {
    const run = start([
      path,
      "--",
      process.execPath,
      "-e",
      "process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log('up')",
    ]);
    await once(run.child.stdout, "data");
    run.child.kill("SIGTERM");
    expect((await run.ended).code).toBe(5);
  });
});

describe("without a command", () => {
  it("ends with --once when all was played, and has recorded it", async () => {
    const run = start([path, "--once", "-o", join(folder, "again.gwtrace")]);
    await using live = new LiveClient(await run.url);
    await live.connect();
    await live.call("health");
    await live.close();
    const { code, stdout } = await run.ended;
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("as recorded: 1 call on 1 connection"),
    ]);
    await using reader = await openRecording(join(folder, "again.gwtrace"));
    expect(reader).toMatchObject({
      complete: true,
      header: { source: "replayed-gateway", replayOf: ["recorded"] },
    });
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)(
    "ends on %s with the verdict and %i, its recording whole in the usual folder",
    async (signal, expected) => {
      const before = await madeRecordings();
      const run = start([path]);
      await using live = new LiveClient(await run.url);
      await live.connect();
      run.child.kill(signal);
      const { code, stdout } = await run.ended;
      expect([code, stdout]).toEqual([expected, expect.stringContaining("1 call never asked for")]);
      const made = (await madeRecordings()).find((file) => !before.includes(file)) ?? "";
      await using reader = await openRecording(join(folder, made));
      expect(reader.complete).toBe(true);
    },
  );

  it("leaves no recording behind when no client came, but for one that was asked for", async () => {
    const named = join(folder, "named.gwtrace");
    for (const args of [[], ["-o", named]]) {
      const run = start([path, ...args]);
      await run.url;
      run.child.kill("SIGINT");
      const { code, stdout } = await run.ended;
      expect([code, stdout]).toEqual([130, expect.stringContaining("1 connection never opened")]);
    }
    expect(await madeRecordings()).toEqual(["named.gwtrace"]);
    await using reader = await openRecording(named);
    expect(reader.complete).toBe(true);
  });

  async function madeRecordings(): Promise<readonly string[]> {
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith(".gwtrace") && file !== "recorded.gwtrace");
  }
});

describe("wrong usage", () => {
  function parse(...args: readonly string[]): Promise<unknown> {
    return replayCommand().parseAsync(args, { from: "user" });
  }

  it.each([
    ["a remote address", ["--listen", "0.0.0.0:0"], "REMOTE_NOT_ALLOWED"],
    ["no number", ["--max-wait", "soon"], "USAGE"],
    ["no speed", ["--speed", "fast"], "USAGE"],
    ["no speed above zero", ["--speed", "0x"], "USAGE"],
    ["no command after --", ["--"], "USAGE"],
    ["a command that is not there", ["--", "/no/such/program"], "COMMAND_FAILED_TO_START"],
  ])("%s", async (_, args, code) => {
    const output = join(folder, "out.gwtrace");
    await expect(parse(path, "-o", output, ...args)).rejects.toMatchObject({ code });
  });

  it("no recording before --", async () => {
    await expect(parse("--", "true")).rejects.toMatchObject({ code: "USAGE" });
  });

  it("a recording without a connection", async () => {
    await expect(parse(await write("empty", []))).rejects.toMatchObject({
      code: "RECORDING_EMPTY",
    });
  });
});

describe("no egress", () => {
  it("opens one listening socket and no other, looks up no name, sends no datagram", async () => {
    const log = join(folder, "egress.log");
    const run = start([path, "--once"], { EGRESS_LOG: log }, ["--import", WATCH]);
    await using live = new LiveClient(await run.url);
    await live.connect();
    await live.call("health");
    await fetch((await run.url).replace("ws:", "http:"));
    await live.close();
    expect((await run.ended).code).toBe(0);
    const handles = (await readFile(log, "utf8")).trim().split("\n");
    // Node wraps each accepted client as TCPWRAP; what would connect is a TCPCONNECTWRAP.
    expect(handles.filter((type) => type === "TCPSERVERWRAP")).toHaveLength(1);
    expect(new Set(handles)).toEqual(new Set(["TCPSERVERWRAP", "TCPWRAP"]));
  });

  it("is watched by a hook that would tell", async () => {
    const log = join(folder, "egress.log");
    const code =
      "const net = require('node:net'); net.connect(1, '127.0.0.1').on('error', () => {}); require('node:dns').lookup('localhost', () => {});";
    const child = spawn(process.execPath, ["--import", WATCH, "-e", code], {
      env: { ...process.env, EGRESS_LOG: log },
    });
    await once(child, "exit");
    const handles = await readFile(log, "utf8");
    expect(handles).toContain("TCPCONNECTWRAP");
    expect(handles).toContain("GETADDRINFOREQWRAP");
  });
});
