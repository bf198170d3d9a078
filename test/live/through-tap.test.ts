import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { localCases, type Case } from "./harness/cases.ts";
import { encounter } from "./harness/encounter.ts";
import { gatewayCommand, startGateway, untilReady } from "./harness/gateway.ts";
import { gwTraceCommand, runGwTrace, show } from "./harness/gw-trace.ts";
import { host } from "./harness/host.ts";
import { BACKEND, CLI, READ_WRITE } from "./harness/identities.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { meetAll } from "./harness/meet-all.ts";
import { runCli } from "./harness/openclaw-cli.ts";
import { RunningProcess } from "./harness/process.ts";
import { invokeTool } from "./harness/send.ts";
import { createState, SHARED_TOKEN } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";
import { until } from "./harness/until.ts";

const TOGETHER = 8;
const TIMEOUT_MS = 60_000;
const reader = { client: BACKEND, scopes: READ_WRITE, auth: { token: SHARED_TOKEN } };
const asks = { ...reader, calls: [["sessions.list", { limit: 1 }] as const] };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-through-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A third of the cases with which the replay is compared: some of each kind. */
function someCases(): readonly Case[] {
  return localCases().filter((_, index) => index % 3 === 0);
}

async function readEntries(path: string): Promise<readonly Entry[]> {
  await using opened = await openRecording(path);
  const entries: Entry[] = [];
  for await (const entry of opened.entries()) entries.push(entry);
  return entries;
}

describe.each(OPENCLAW_VERSIONS)("through a tap before OpenClaw %s", (version) => {
  test("the same clients are given the same answers", { timeout: 300_000 }, async () => {
    await using gateway = await startGateway({ version });
    const output = join(folder, "same.gwtrace");
    const port = await host.tapPort();
    // The keys of the devices are new each time; all else is the same.
    const [direct, tapped] = [someCases(), someCases()];
    expect(direct.length).toBeGreaterThanOrEqual(100);
    const seen = await meetAll(gateway.url, direct, TOGETHER);
    await using tap = await startTap(host, { port, upstream: gateway.url, output });
    const seenThrough = await meetAll(`ws://127.0.0.1:${String(port)}`, tapped, TOGETHER);
    const { code } = await tap.stop();
    expect(code).toBe(130);
    const named = direct.map(({ name }, index) => ({ name, seen: seen[index] }));
    expect(tapped.map(({ name }, index) => ({ name, seen: seenThrough[index] }))).toEqual(named);
    const shown = await show(host, output);
    expect(shown.recording).toMatchObject({ complete: true, missing: [] });
    expect(shown.connections).toHaveLength(tapped.flatMap(({ meetings }) => meetings).length);
  });

  test("a Gateway that is killed and comes back: clients meet a reset, then what they met before", async () => {
    await using gateway = await startGateway({ version });
    const output = join(folder, "restart.gwtrace");
    const port = await host.tapPort();
    const url = `ws://127.0.0.1:${String(port)}`;
    await using tap = await startTap(host, { port, upstream: gateway.url, output });
    const before = await encounter(url, [asks]);
    await gateway.stop();
    const away = { refused: expect.stringMatching(/ECONNRESET|hang up/) };
    expect(await encounter(url, [asks])).toMatchObject([{ handshake: away }]);
    await gateway.restart();
    expect(await encounter(url, [asks])).toEqual(before);
    await tap.settled(3);
    await tap.stop();
    const ends = (await readEntries(output)).flatMap((entry) =>
      entry.kind === "closed" ? [entry.how] : [],
    );
    expect(ends).toEqual(["fin", "unreachable", "fin"]);
  }); // prettier-ignore

  test("over TLS, believed by its fingerprint in OpenClaw's own format, and by no other", async () => {
    await using gateway = await startGateway({ version, config: { tls: { enabled: true } } });
    const pem = await readFile(join(gateway.state.dir, "state/gateway/tls/gateway-cert.pem"));
    const { fingerprint256 } = new X509Certificate(pem);
    const upstream = gateway.url.replace("ws:", "wss:");
    const output = join(folder, "tls.gwtrace");
    const port = await host.tapPort();
    const options = ["--tls-fingerprint", `sha256:${fingerprint256}`];
    await using tap = await startTap(host, { port, upstream, output, options });
    const url = `ws://127.0.0.1:${String(port)}`;
    expect(await encounter(url, [asks])).toMatchObject([
      { handshake: { granted: READ_WRITE }, calls: [{ ok: true }] },
    ]);
    const cli = ["gateway", "call", "health", "--json", "--url", url, "--token", SHARED_TOKEN];
    const said = await runCli(gateway, cli);
    expect({ code: said.code, ok: JSON.parse(said.stdout).ok }).toEqual({ code: 0, ok: true });
    await tap.stop();
    const { connections } = await show(host, output);
    expect(connections.map(({ client, outcome }) => [client?.id, outcome])).toEqual([
      ["gateway-client", "accepted"],
      ["cli", "accepted"],
    ]);
    for (const untrusted of [["--tls-fingerprint", "00".repeat(32)], []]) {
      const args = ["record", "--url", upstream, "--listen", "127.0.0.1:0", "-o", join(folder, "no.gwtrace")];
      const refused = await runGwTrace(host, [...args, ...untrusted], { cwd: folder, env: { PATH: "/usr/bin:/bin" } });
      expect(refused.code).toBe(3);
    }
  }); // prettier-ignore

  test("record -- openclaw gateway shows its calls to itself, or says that no socket carries them", async () => {
    const port = await host.gatewayPort();
    const config = { tools: { allow: ["sessions_spawn"] } };
    await using state = await createState({ version, address: "127.0.0.1", port, config });
    const output = join(folder, "self.gwtrace");
    const record = gwTraceCommand(["record", "-o", output, "--http-bodies", "--"]);
    await using child = new RunningProcess([...record, ...gatewayCommand(version, port)], {
      cwd: state.dir,
      env: { ...state.env, OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN },
    });
    await untilReady(version, child);
    const spawn = { task: "say hi", mode: "run", runtime: "subagent" };
    const answer = await invokeTool(host, `http://127.0.0.1:${String(port)}`, {
      tool: "sessions_spawn",
      args: spawn,
      sessionKey: "main",
    });
    expect(answer.status).toBe(200);
    const inProcess = version === "2026.9.6";
    const calls = async (): Promise<readonly string[]> =>
      (await show(host, output)).connections
        .filter(({ client }) => client?.id === "gateway-client")
        .flatMap(({ rpcs }) => rpcs.map(({ method }) => method));
    if (!inProcess) await until("the self-call", TIMEOUT_MS, async () => (await calls()).includes("agent"));
    // Asked to stop, 2026.9.6 waits for minutes for the agent that it started.
    const gatewayPid = await readFile(`/proc/${String(child.pid)}/task/${String(child.pid)}/children`, "utf8");
    process.kill(Number(gatewayPid.trim().split(" ")[0]), "SIGKILL");
    const { code, stderr } = await child.finished;
    expect(code).toBe(137);
    const seen = await calls();
    expect([seen.includes("agent"), seen.length === 0]).toEqual([!inProcess, inProcess]);
    expect(stderr).toContain(
      inProcess ? "inside its process, where no socket carries them" : "the Gateway called itself: agent",
    );
  }); // prettier-ignore
});

test("a device that is paired through the tap is paired without it", async () => {
  await using gateway = await startGateway({ version: "2026.5.4" });
  const port = await host.tapPort();
  const output = join(folder, "paired.gwtrace");
  await using tap = await startTap(host, { port, upstream: gateway.url, output });
  const first = localCases().find(({ name }) => name === `cli/cli with a new device asks [read]`);
  const meeting = first?.meetings[0];
  if (meeting === undefined) throw new Error("no such case");
  await encounter(`ws://127.0.0.1:${String(port)}`, [meeting]);
  // A device that is not paired would be told so, or be asked to ask again.
  const again = { ...meeting, client: CLI, scopes: READ_WRITE };
  expect(await encounter(gateway.url, [again])).toMatchObject([
    { handshake: { error: { details: { reason: "scope-upgrade" } } } },
  ]);
  expect(await tap.stop()).toMatchObject({ code: 130 });
});
