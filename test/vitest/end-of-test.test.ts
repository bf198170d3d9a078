import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readTrace } from "../../src/trace/read.ts";
import { challenge, connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { startScriptedGateway, type ScriptedGateway } from "../support/scripted-gateway.ts";

const CONFIG = fileURLToPath(new URL("project/vitest.config.ts", import.meta.url));
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

interface Ended {
  readonly status: string;
  readonly failure: string;
}

/** Runs tests of the project in a Vitest of their own; how each ended, by name. */
function runProject(
  file: string,
  env: Readonly<Record<string, string>>,
  only: string = "",
): Promise<Readonly<Record<string, Ended>>> {
  const args = ["run", file, "--config", CONFIG, "--reporter=json", "-t", only];
  const inherited = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [VITEST, ...args],
      { env: { ...inherited, ...env } },
      (_, stdout) => {
        try {
          const [{ assertionResults }] = JSON.parse(stdout).testResults;
          resolve(
            Object.fromEntries(
              assertionResults
                .filter(({ status }: Ended) => status !== "skipped")
                .map((result: { title: string; status: string; failureMessages: string[] }) => [
                  result.title,
                  { status: result.status, failure: result.failureMessages.join("\n") },
                ]),
            ),
          );
        } catch (error) {
          reject(new Error(`the project printed ${stdout}`, { cause: error }));
        }
      },
    );
  });
}

let root: string;
let path: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "gw-trace-vitest-"));
});

afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  path = join(await mkdtemp(join(root, "test-")), "recorded.gwtrace");
});

async function writeRecording(): Promise<void> {
  const header = {
    source: "tap",
    startedAt: "2026-11-23T12:00:00.000Z",
    upstream: null,
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
  } as const;
  await using writer = await createRecording(path, header);
  const scopes = ["operator.read"];
  for (const entry of conversation(
    {},
    challenge(),
    connect({ scopes }),
    helloOk({ scopes }),
    req("1", "health"),
    ok("1"),
    req("2", "status"),
    ok("2"),
  )) {
    writer.append(entry);
  }
}

test("a passing test fails when the recording was not used up, and a failing one keeps its own failure", async () => {
  await writeRecording();
  const ended = await runProject("replay.case.ts", { CASE_RECORDING: path });
  const unused = expect.stringMatching(
    /not all of the recording was used[^]*status +ok +NEVER ASKED FOR/,
  );
  expect(ended).toEqual({
    "uses all": { status: "passed", failure: "" },
    "uses a part": { status: "failed", failure: unused },
    "uses a part and may": { status: "passed", failure: "" },
    "uses a part and never closes": { status: "failed", failure: unused },
    "uses a part and fails by itself": {
      status: "failed",
      failure: expect.stringContaining("status was never called"),
    },
    "uses health, concurrently": { status: "failed", failure: unused },
    "uses status, concurrently": {
      status: "failed",
      failure: expect.stringMatching(/health +ok +NEVER ASKED FOR/),
    },
  });
  expect(ended["uses a part and fails by itself"]?.failure).not.toContain("not all of");
});

describe("recording", () => {
  let live: ScriptedGateway;

  beforeAll(async () => {
    live = await startScriptedGateway(({ method }) =>
      method === "connect"
        ? { payload: { type: "hello-ok", protocol: 3, server: { version: "2026.5.4" } } }
        : { payload: {} },
    );
    return () => live[Symbol.asyncDispose]();
  });

  function record(mode: string, only: string, env: Readonly<Record<string, string>> = {}) {
    const options = { GW_TRACE_MODE: mode, CASE_RECORDING: path, OPENCLAW_GATEWAY_URL: live.url };
    return runProject("record.case.ts", { ...options, ...env }, only);
  }

  async function methodsRecorded(): Promise<readonly string[]> {
    await using reader = await openRecording(path);
    const { connections } = await readTrace(reader);
    return connections.flatMap(({ rpcs }) => rpcs.map(({ method }) => method));
  }

  async function files(): Promise<readonly string[]> {
    return readdir(join(path, ".."));
  }

  test("writes the recording when the test passes, and it replays", async () => {
    expect(await record("record", "passes")).toMatchObject({ passes: { status: "passed" } });
    expect(await methodsRecorded()).toEqual(["health"]);
    expect(await files()).toEqual(["recorded.gwtrace"]);
    expect(await record("", "passes")).toMatchObject({ passes: { status: "passed" } });
  });

  test("writes nothing when the test fails, or nobody connects", async () => {
    expect(await record("record", "fails|connects nobody")).toMatchObject({
      fails: { status: "failed", failure: expect.stringContaining("agent was never called") },
      "connects nobody": {
        status: "failed",
        failure: expect.stringContaining("nothing connected"),
      },
    });
    expect(await files()).toEqual([]);
  });

  test("never writes over a recording unless it is to be updated", async () => {
    await writeRecording();
    const before = await readFile(path);
    expect(await record("record", "passes")).toMatchObject({
      passes: { status: "failed", failure: expect.stringContaining("is there already") },
    });
    expect(await readFile(path)).toEqual(before);
  });

  test("an update takes the old one's place when the test passes", async () => {
    await writeRecording();
    expect(await record("update", "passes")).toMatchObject({ passes: { status: "passed" } });
    expect(await methodsRecorded()).toEqual(["health"]);
    expect(await files()).toEqual(["recorded.gwtrace"]);
  });

  test("an update leaves the old one when the test fails, or nobody connects", async () => {
    await writeRecording();
    const before = await readFile(path);
    const ended = await record("update", "fails|connects nobody");
    expect(Object.values(ended).map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect(await readFile(path)).toEqual(before);
    expect(await files()).toEqual(["recorded.gwtrace"]);
  });

  test.each([
    ["where CI is set", "update", { CI: "true" }, /the mode is update, but CI is set/],
    [
      "without a Gateway",
      "record",
      { OPENCLAW_GATEWAY_URL: "ws://127.0.0.1:9" },
      /no Gateway to record at ws:\/\/127\.0\.0\.1:9/,
    ],
    ["in a mode that is none", "recrod", {}, /GW_TRACE_MODE is "recrod"/],
  ])("is refused %s", async (_name, mode, env, failure) => {
    expect(await record(mode, "passes", env)).toMatchObject({
      passes: { status: "failed", failure: expect.stringMatching(failure) },
    });
    expect(await files()).toEqual([]);
  });
});
