import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { replayGateway, type TestGateway } from "../../src/vitest.ts";
import { LiveClient } from "../replay/live-client.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";

const SCOPES = ["operator.write"];

const RECORDED = conversation(
  {},
  challenge(),
  connect({ client: "gateway-client/backend", scopes: SCOPES }),
  helloOk({ scopes: SCOPES }),
  req("1", "agent", { message: "hi" }),
  ok("1", { status: "accepted" }),
  req("2", "config.set", {}),
  refused("2", "INVALID_REQUEST", "missing scope: operator.admin"),
);

let root: string;
let folder: string;
let path: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "gw-trace-vitest-"));
  // A recording that is being made is looked at after `afterEach`.
  return async () => {
    await rm(root, { recursive: true });
  };
});

beforeEach(async () => {
  folder = await mkdtemp(join(root, "test-"));
  path = join(folder, "recorded.gwtrace");
  vi.stubEnv("CI", "");
  vi.stubEnv("GW_TRACE_MODE", "");
  vi.stubEnv("OPENCLAW_GATEWAY_TOKEN", "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function write(file: string, entries: readonly NewEntry[]): Promise<void> {
  await using writer = await createRecording(file, {
    source: "tap",
    startedAt: "2026-11-23T12:00:00.000Z",
    upstream: null,
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
  });
  for (const entry of entries) writer.append(entry);
}

const WHO = { client: "gateway-client/backend", scopes: SCOPES };

async function playAll(gateway: TestGateway): Promise<void> {
  await using client = new LiveClient(gateway.url);
  await client.connect(WHO);
  await client.call("agent", { message: "hi" });
  await client.call("config.set", {});
}

describe("a replayed gateway", () => {
  beforeEach(() => write(path, RECORDED));

  test("plays, and shows what happened in a trace and a verdict", async () => {
    await using gateway = await replayGateway(path);
    await playAll(gateway);
    expect(gateway.mode).toBe("replay");
    expect(gateway.verdict()).toMatchObject({ clean: true, recordings: ["recorded"] });
    const [connection] = gateway.trace().connections;
    expect(connection?.scopes).toMatchObject({ requested: SCOPES, granted: SCOPES });
    expect(connection?.rpcs.map(({ method, ok: isOk }) => [method, isOk])).toEqual([
      ["agent", true],
      ["config.set", false],
    ]);
    expect(gateway).toReplayCleanly();
    expect(gateway).toBeGranted("operator.write");
    expect(gateway).toBeGranted("operator.read");
    expect(gateway).not.toBeGranted("operator.admin");
    expect(gateway).toSucceed("agent");
    expect(gateway).not.toSucceed("config.set");
    expect(gateway).toHaveFinding("missing-scope");
    expect(gateway).toHaveFinding("missing-scope-not-requested");
    expect(gateway).not.toHaveFinding("credential");
  });

  test("takes a file URL, and gives an environment that OpenClaw's programs follow", async () => {
    await using gateway = await replayGateway(pathToFileURL(path), { allowUnused: true });
    const { port } = new URL(gateway.url);
    expect(gateway.env).toEqual({
      OPENCLAW_GATEWAY_PORT: port,
      OPENCLAW_GATEWAY_URL: gateway.url,
      OPENCLAW_GATEWAY_TOKEN: "gw-trace-replay",
    });
  });

  test("several recordings are one Gateway", async () => {
    const second = join(folder, "second.gwtrace");
    await write(
      second,
      conversation({}, challenge(), connect(), helloOk(), req("1", "health"), ok("1")),
    );
    await using gateway = await replayGateway([path, second]);
    await playAll(gateway);
    await using client = new LiveClient(gateway.url);
    await client.connect();
    await client.call("health");
    expect(gateway).toReplayCleanly();
    expect(gateway).toSucceed("health");
  });

  test("keeps credentials out of its trace", async () => {
    await using gateway = await replayGateway(path, { allowUnused: true });
    await using client = new LiveClient(gateway.url);
    await client.connect(WHO);
    await client.call("agent", { token: "a-secret-of-some-length" });
    expect(JSON.stringify(gateway.trace())).not.toContain("a-live-token");
    expect(JSON.stringify(gateway.trace())).not.toContain("a-secret-of-some-length");
  });

  test("is gone after close", async () => {
    const gateway = await replayGateway(path, { allowUnused: true });
    await gateway.close();
    await gateway.close();
    await expect(new LiveClient(gateway.url).closed).resolves.toEqual([1006, ""]);
  });

  test("says which recording is missing", async () => {
    const missing = replayGateway(join(folder, "recordde.gwtrace"));
    await expect(missing).rejects.toMatchObject({ code: "RECORDING_NOT_FOUND" });
  });
});

describe("failures", () => {
  beforeEach(() => write(path, RECORDED));

  test.each([
    ["toBeGranted", (gateway: TestGateway) => expect(gateway).toBeGranted("operator.admin")],
    ["toSucceed", (gateway: TestGateway) => expect(gateway).toSucceed("config.set")],
    ["not.toSucceed", (gateway: TestGateway) => expect(gateway).not.toSucceed("agent")],
    ["a method never called", (gateway: TestGateway) => expect(gateway).toSucceed("status")],
    ["not, never called", (gateway: TestGateway) => expect(gateway).not.toSucceed("status")],
    ["toHaveFinding", (gateway: TestGateway) => expect(gateway).toHaveFinding("rate-limited")],
    [
      "not.toHaveFinding",
      (gateway: TestGateway) => expect(gateway).not.toHaveFinding("missing-scope"),
    ],
  ])("of %s print the scopes, the calls and the verdict", async (_name, claim) => {
    await using gateway = await replayGateway(path);
    await playAll(gateway);
    const claimed = (): void => claim(gateway);
    expect(claimed).toThrow(/ID +CLIENT +REQUESTED +GRANTED +EFFECTIVE +VERDICT/);
    expect(claimed).toThrow(/config\.set +.*REFUSED missing scope: operator\.admin/);
    expect(claimed).toThrow(/as recorded: 2 calls on 1 connection/);
  });

  test("of toReplayCleanly print the verdict", async () => {
    await using gateway = await replayGateway(path, { allowUnused: true });
    await using client = new LiveClient(gateway.url);
    await client.connect(WHO);
    await client.call("agent", { message: "something else" });
    expect(() => expect(gateway).toReplayCleanly()).toThrow(/not clean.*params\.message/s);
  });

  test.each([
    [
      "something else",
      () => expect(3).toBeGranted("operator.read"),
      /toBeGranted is about a gateway/,
    ],
    [
      "a promise",
      () => expect(replayGateway(path, { allowUnused: true })).toSucceed("agent"),
      /await it first/,
    ],
    [
      "a finding that is none",
      () =>
        // @ts-expect-error a misspelt code is no code
        expect({}).not.toHaveFinding("mising-scope"),
      /"mising-scope" is no finding/,
    ],
  ])("an expectation on %s says so", (_name, claim, message) => {
    expect(claim).toThrow(message);
  });

  test("a trace and a connection of one will do", async () => {
    await using gateway = await replayGateway(path);
    await playAll(gateway);
    const trace = gateway.trace();
    const [connection] = trace.connections;
    expect(trace).toBeGranted("operator.write");
    expect(connection).toSucceed("agent");
    expect(() => expect(connection).toSucceed("config.set")).toThrow(/connection 1/);
    expect(() => expect(trace).toReplayCleanly()).toThrow(/about a gateway of replayGateway/);
  });
});

describe("a fix", () => {
  const FAILING = conversation(
    { peerAddress: "100.64.0.5:50002" },
    challenge(),
    connect({ client: "gateway-client/backend", scopes: SCOPES }),
    helloOk({ scopes: [] }),
    req("1", "agent", { message: "hi", idempotencyKey: "run-number-1" }),
    refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
  );

  async function runAgent(gateway: TestGateway): Promise<void> {
    await using client = new LiveClient(gateway.url);
    await client.connect(WHO);
    await client.call("agent", { message: "hi", idempotencyKey: "run-number-1" });
  }

  beforeEach(() => write(path, FAILING));

  test("is proven where what failed is allowed now, and every answer is known", async () => {
    await using gateway = await replayGateway(path, {
      assume: { peer: "local" },
      allowUnused: true,
    });
    await runAgent(gateway);
    expect(gateway).toSucceed("agent");
    expect(gateway).toBeFixed();
    expect(gateway).not.toReplayCleanly();
    expect(gateway.trace().connections[0]?.peerIsLoopback).toBe(true);
  });

  test("may take its answer from another recording of that Gateway", async () => {
    const working = join(folder, "working.gwtrace");
    await write(working, RECORDED);
    const assume = { peer: "local" } as const;
    const options = { assume, evidence: [working], allowUnused: true };
    await using gateway = await replayGateway(path, options);
    await runAgent(gateway);
    expect(gateway).toBeFixed();
    expect(gateway.verdict().fixed.join()).toContain("working");
  });

  test("is not proven where it fails as before", async () => {
    await using gateway = await replayGateway(path);
    await runAgent(gateway);
    expect(gateway).toReplayCleanly();
    expect(() => expect(gateway).toBeFixed()).toThrow(
      /not a fix.*still failing: agent on connection 1: missing operator\.write/s,
    );
  });
});

describe("outside a test", () => {
  let shared: TestGateway;
  beforeAll(async () => {
    const file = join(root, "shared.gwtrace");
    await write(file, RECORDED);
    shared = await replayGateway(file);
  });

  test("closing it is when it must have been used up", async () => {
    await using client = new LiveClient(shared.url);
    await client.connect(WHO);
    await expect(shared.close()).rejects.toThrow(
      /not all of the recording was used.*NEVER ASKED FOR/s,
    );
  });
});

describe("recording", () => {
  function upstream() {
    return startScriptedGateway(({ method }) =>
      method === "connect"
        ? {
            payload: {
              type: "hello-ok",
              protocol: 3,
              server: { version: "2026.5.4" },
              auth: { role: "operator", scopes: SCOPES },
            },
          }
        : { payload: {} },
    );
  }

  test("trace and matchers say what a real Gateway did", async () => {
    await using live = await upstream();
    await using gateway = await replayGateway(path, { mode: "record", upstream: live.url });
    await using client = new LiveClient(gateway.url);
    await client.connect(WHO);
    await client.call("agent", {});
    expect(gateway).toBeGranted("operator.write");
    expect(gateway).toSucceed("agent");
    expect(gateway).toReplayCleanly();
    expect(gateway.env).toEqual({ OPENCLAW_GATEWAY_PORT: new URL(gateway.url).port });
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^recorded\.gwtrace\..*\.new$/)]);
  });

  test("passes the token on for clients that take it from env", async () => {
    await using live = await upstream();
    const options = { mode: "record", upstream: live.url, token: "mine" } as const;
    await using gateway = await replayGateway(path, options);
    await using client = new LiveClient(gateway.url);
    await client.connect(WHO);
    expect(gateway.env).toMatchObject({
      OPENCLAW_GATEWAY_URL: gateway.url,
      OPENCLAW_GATEWAY_TOKEN: "mine",
    });
  });
});
