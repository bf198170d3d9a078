import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readTrace } from "../../src/trace/read.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway, type Answer, type Asked } from "../support/scripted-gateway.ts";

const SCOPES = ["operator.read"];
let folder: string;
let path: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-clients-"));
  path = join(folder, "recorded.gwtrace");
  await using writer = await createRecording(path, {
    source: "tap",
    startedAt: "2026-11-23T12:00:00.000Z",
    upstream: null,
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
  });
  const steps = conversation(
    {},
    challenge(),
    connect({ scopes: SCOPES, device: "d-1" }),
    helloOk({ scopes: SCOPES }),
    req("1", "status"),
    refused("1", "INVALID_REQUEST", "missing scope: operator.read"),
    req("2", "agent", { message: "x" }),
    ok("2"),
  );
  for (const entry of steps) writer.append(entry);
});

afterAll(() => rm(folder, { recursive: true }));

function answer({ method, params }: Asked): Answer {
  if (method !== "connect") return { payload: {} };
  if (JSON.stringify(params["auth"]) !== '{"token":"a-live-secret-token"}') {
    return { error: { code: "INVALID_REQUEST", message: "token mismatch" }, close: 1008 };
  }
  const auth = { role: "operator", scopes: SCOPES };
  return { payload: { type: "hello-ok", protocol: 3, server: { version: "2026.5.4" }, auth } };
}

async function replay(url: string, ...args: readonly string[]) {
  const output = join(folder, `out-${++runs}.gwtrace`);
  const command = ["replay", "--as", "client", path, "--url", url, "-o", output, ...args];
  const env = { OPENCLAW_GATEWAY_TOKEN: "a-live-secret-token" };
  return { ...(await runCli(command, { env })), output };
}

describe("gw-trace replay --as client", () => {
  test("says that it is fixed, records what happened, and tells no secret", async () => {
    await using gateway = await startScriptedGateway(answer);
    const { code, stdout, stderr, output } = await replay(gateway.url);
    expect(code).toBe(0);
    expect(stdout).toContain("fixed: status on connection 1 was refused");
    expect(stderr).toContain("held back: agent; --allow-writes");
    await using reader = await openRecording(output);
    expect(reader.header).toMatchObject({ source: "replayed-client", replayOf: ["recorded"] });
    const [connection] = (await readTrace(reader)).connections;
    expect(connection).toMatchObject({ id: 1, outcome: "accepted", peerIsLoopback: true });
    expect(connection?.upgrade?.status).toBe(101);
    expect(connection?.close).toMatchObject({ by: "client" });
    const entries: string[] = [];
    for await (const entry of reader.entries()) entries.push(JSON.stringify(entry));
    expect(entries.join() + stdout + stderr).not.toContain("a-live-secret-token");
  });

  test("prints the same as one JSON document, with writes allowed", async () => {
    await using gateway = await startScriptedGateway(answer);
    const { stdout, stderr } = await replay(gateway.url, "--json", "--allow-writes");
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "fixed",
      versions: { before: "2026.5.4", now: "2026.5.4" },
      connections: [{ rpcs: [{ method: "status" }, { method: "agent", replayed: { ok: true } }] }],
    });
    expect(stderr).not.toContain("held back");
    expect(gateway.methods).toEqual(["status", "agent"]);
  });

  test("prints it as Markdown for an issue", async () => {
    await using gateway = await startScriptedGateway(answer);
    const { stdout } = await replay(gateway.url, "--format", "markdown");
    expect(stdout.replace(gateway.url, "ws://there")).toBe(`**fixed** - clients of \`recorded\` (OpenClaw \`2026.5.4\`) at \`ws://there (OpenClaw 2026.5.4)\`

\`fixed: status on connection 1 was refused (INVALID_REQUEST: missing scope: operator.read), now allowed\`

| connection | what | recorded | now |
| --- | --- | --- | --- |
| 1 | \`connect\` | \`ok []\` | \`ok [operator.read]\` |
| 1 | \`status\` | \`INVALID_REQUEST: missing scope: operator.read\` | \`ok\` |
| 1 | \`agent\` | \`ok\` | \`held back: it may change something\` |
`); // prettier-ignore
  });

  test("plays the clients of several recordings, and says which are whose", async () => {
    await using gateway = await startScriptedGateway(answer);
    const { code, stdout, stderr, output } = await replay(gateway.url, path, "--json");
    const verdict = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(verdict).toMatchObject({ outcome: "fixed", connections: [{ connection: 1 }, { connection: 2 }] }); // prettier-ignore
    expect(verdict.fixed).toHaveLength(2);
    expect(gateway.methods).toEqual(["status", "status"]);
    expect(stderr).toMatch(/connection 2 is connection 1 of \S+\/recorded \(2\)\n/);
    await using reader = await openRecording(output);
    expect((await readTrace(reader)).connections).toHaveLength(2);
  });

  test("a Gateway that refuses the clients is a difference", async () => {
    await using gateway = await startScriptedGateway(answer);
    const file = join(folder, "token");
    await writeFile(file, "another-token");
    const { code, stdout } = await replay(gateway.url, "--token-file", file);
    expect([code, gateway.methods]).toEqual([1, []]);
    expect(stdout).toContain("was accepted, now refused: INVALID_REQUEST: token mismatch");
  });

  test.each([
    ["nobody is there", ["--url", "ws://127.0.0.1:9"], 3, /took none of the recorded connections/],
    ["the identity is none", ["--identity", "/dev/null"], 2, /\/dev\/null is no device identity/],
    ["there is a command", ["--", "true"], 2, /without a command/],
    ["the side is none", ["--as", "server"], 2, /Allowed choices are gateway, client/],
  ])("says so when %s", async (_name, args, expected, message) => {
    await using gateway = await startScriptedGateway(answer);
    const { code, stderr } = await replay(gateway.url, ...args);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
  });
});
