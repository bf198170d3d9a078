import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startGateway, type Gateway } from "./harness/gateway.ts";
import { runGwTrace } from "./harness/gw-trace.ts";
import { host } from "./harness/host.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { runCli } from "./harness/openclaw-cli.ts";
import { secretsIn } from "./harness/secrets.ts";
import { SHARED_TOKEN } from "./harness/state.ts";

const cameOut = z.looseObject({ ok: z.boolean() }).nullable();
const verdictSchema = z.looseObject({
  outcome: z.string(),
  conclusion: z.string(),
  connections: z.array(
    z.looseObject({
      replayed: cameOut,
      scopes: z.looseObject({ after: z.array(z.string()).nullable() }),
      rpcs: z.array(z.looseObject({ method: z.string(), as: z.string(), replayed: cameOut })),
    }),
  ),
});

const shipped = (name: string): string =>
  new URL(`../../recordings/${name}.gwtrace`, import.meta.url).pathname;
let dir: string;
let runs = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gw-trace-live-clients-"));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function playTo(gateway: Gateway, recording: string, ...args: readonly string[]) {
  const output = join(dir, `${String(++runs)}.gwtrace`);
  const command = ["replay", "--as", "client", shipped(recording), "--url", gateway.url];
  const env = { PATH: "/usr/bin:/bin", OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN };
  const ended = await runGwTrace(host, [...command, "--json", "-o", output, ...args], {
    cwd: "/",
    env,
  });
  if (ended.stdout === "") throw new Error(`gw-trace replay printed nothing: ${ended.stderr}`);
  return { ...ended, output, verdict: verdictSchema.parse(JSON.parse(ended.stdout)) };
}

describe("a real 2026.5.4 on loopback, tried with recorded clients", () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ version: "2026.5.4" });
  });

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
  });

  test("the recorded CLI signs the live challenge and gets what it got", async () => {
    const { code, verdict, output } = await playTo(gateway, "cli-health-2026.5.4");
    expect([code, verdict.outcome]).toEqual([0, "unchanged"]);
    expect(verdict.connections[0]?.scopes.after).toEqual(["operator.read"]);
    expect(await secretsIn(output, [SHARED_TOKEN])).toEqual([]);
  });

  test("OpenClaw's own identity file signs, and is only read", async () => {
    // The CLI makes its identity when it first connects.
    await runCli({ ...gateway, version: gateway.version }, ["gateway", "call", "health"]);
    const identity = join(gateway.state.dir, "state/identity/device.json");
    const before = await readFile(identity, "utf8");
    const { code, verdict } = await playTo(gateway, "cli-health-2026.5.4", "--identity", identity);
    expect([code, verdict.outcome]).toEqual([0, "unchanged"]);
    expect(await readFile(identity, "utf8")).toBe(before);
  });

  test("a wrong token is a difference, and is told as the Gateway tells it", async () => {
    const file = join(dir, "wrong-token");
    await writeFile(file, "not-the-token");
    const { code, verdict } = await playTo(gateway, "cli-health-2026.5.4", "--token-file", file);
    expect([code, verdict.outcome]).toEqual([1, "different"]);
    expect(verdict.conclusion).toContain("AUTH_TOKEN_MISMATCH");
  });

  test("what may change something is held back, and then nothing is claimed", async () => {
    const { code, verdict, stderr } = await playTo(gateway, "sessions-spawn-77807");
    expect([code, verdict.outcome]).toEqual([1, "cannot-tell"]);
    expect(verdict.connections.flatMap(({ rpcs }) => rpcs)).toMatchObject([
      { method: "agent", as: "held-back", replayed: null },
      { method: "sessions.delete", as: "held-back", replayed: null },
    ]);
    expect(stderr).toContain("held back: agent, sessions.delete");
  });

  test("a Gateway that sees a loopback peer fixes #77807 for the unchanged client", async () => {
    const { verdict } = await playTo(gateway, "sessions-spawn-77807", "--allow-writes");
    const [first] = verdict.connections;
    expect(first?.scopes.after).toEqual(["operator.write"]);
    expect(first?.rpcs).toMatchObject([{ method: "agent", replayed: { ok: true } }]);
    expect(verdict.conclusion).toMatch(
      /^fixed: agent on connection 1 was refused \(INVALID_REQUEST: missing scope: operator\.write\), now allowed/,
    );
  });

  test("a recorded pairing is approved by the live request's id", async () => {
    const { verdict } = await playTo(gateway, "scope-upgrade", "--allow-writes");
    expect(verdict.connections.map(({ replayed }) => replayed?.ok)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(verdict.connections.flatMap(({ rpcs }) => rpcs)).toMatchObject([
      { method: "sessions.list", replayed: { ok: true } },
      { method: "device.pair.approve", replayed: { ok: true } },
      { method: "agent", replayed: { ok: true } },
    ]);
  });
});

test("a real 2026.9.6 gives the clients recorded on it what it gave them", async () => {
  const version = OPENCLAW_VERSIONS[1];
  await using gateway = await startGateway({ version });
  const health = await playTo(gateway, "cli-health-2026.9.6");
  expect([health.code, health.verdict.outcome]).toEqual([0, "unchanged"]);
  const denied = await playTo(gateway, "missing-scope-2026.9.6");
  expect([denied.code, denied.verdict.outcome]).toEqual([1, "still-failing"]);
  expect(denied.verdict.conclusion).toMatch(/missing scope: operator\.read/);
});
