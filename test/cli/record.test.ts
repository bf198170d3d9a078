import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openRecording } from "../../src/recording/reader.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { portOf, until } from "../tap/harness.ts";
import { connectClient, runRecord, startGateway, tapPort, type RecordRun } from "./record-run.ts";

let folder: string;
let gatewayPort: number;

beforeEach(async () => {
  folder = await temporaryFolder();
  gatewayPort = await startGateway();
});

function record(...args: readonly string[]): RecordRun {
  return runRecord(folder, args);
}

/** Connects, asks for operator.write, calls `agent`, and goes. */
async function runClient(port: string): Promise<void> {
  const client = await connectClient(port);
  await client.call("agent");
  await client.close();
}

async function isComplete(path: string): Promise<boolean> {
  await using reader = await openRecording(path);
  return reader.complete;
}

const listenFree = ["--listen", "127.0.0.1:0"] as const;

describe("gw-trace record", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("writes a whole recording and exits %s with %i", async (signal, code) => {
    const run = record("first", "--url", `ws://127.0.0.1:${gatewayPort}`, ...listenFree);
    await runClient(await tapPort(run));
    await until(() => run.stderr().includes("closed 1000 by client"));
    run.kill(signal);
    expect(await run.exit).toBe(code);
    expect(run.stdout()).toBe("");
    expect(run.stderr()).toMatch(
      /#1 {2}\S+ {2}gateway-client\/backend {2}requested \.W\.{4} {2}granted \.{6} {2}effective \.{6} {2}SHORT -write/,
    );
    expect(run.stderr()).toContain("recorded 1 connection, 1 call, 1 failed");
    const path = join(folder, "first.gwtrace");
    await using reader = await openRecording(path);
    expect(reader.complete).toBe(true);
    expect(reader.header).toMatchObject({
      source: "tap",
      upstream: `ws://127.0.0.1:${gatewayPort}`,
      redaction: "credentials",
    });
  });

  test("two signals at once leave a whole recording, whatever was under way", async () => {
    const run = record("twice", "--url", `ws://127.0.0.1:${gatewayPort}`, ...listenFree);
    const client = await connectClient(await tapPort(run));
    for (let call = 0; call < 200; call++) await client.call("agent");
    run.kill("SIGINT");
    run.kill("SIGTERM");
    expect([130, 143]).toContain(await run.exit);
    expect(await isComplete(join(folder, "twice.gwtrace"))).toBe(true);
  });

  test("--json prints one document a line", async () => {
    const run = record("j", "--json", "--url", `127.0.0.1:${gatewayPort}`, ...listenFree);
    await until(() => run.stdout().includes("\n"));
    const listening: { readonly listen: string } = JSON.parse(run.stdout());
    await runClient(listening.listen.split(":")[1] ?? "");
    await until(() => run.stdout().includes("connection-closed"));
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    const lines: { type: string }[] = run
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type !== "status");
    expect(lines.map(({ type }) => type)).toEqual([
      "listening",
      "connection-decided",
      "finding",
      "connection-closed",
      "summary",
    ]);
    expect(lines[1]).toMatchObject({
      connection: { id: 1, scopes: { requested: ["operator.write"], granted: [], effective: [] } },
    });
    expect(lines[2]).toMatchObject({ finding: { code: "missing-scope-dropped", connection: 1 } });
    expect(lines[4]).toMatchObject({ connections: 1, calls: 1, failed: 1, findings: 1 });
  });

  test("--json goes on recording when nobody reads it any more, and says so once", async () => {
    const run = record("unread", "--json", "--url", `127.0.0.1:${gatewayPort}`, ...listenFree);
    await until(() => run.stdout().includes("\n"));
    const listening: { readonly listen: string } = JSON.parse(run.stdout());
    run.stopReading();
    const port = listening.listen.split(":")[1] ?? "";
    for (let times = 0; times < 2; times++) await runClient(port);
    await until(() => run.stderr() !== "");
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr().match(/nobody reads/g)).toHaveLength(1);
    await using reader = await openRecording(join(folder, "unread.gwtrace"));
    expect(reader.complete).toBe(true);
    const opened = (await readAll(reader)).filter(({ kind }) => kind === "opened");
    expect(opened).toHaveLength(2);
  });

  test("goes on when no Gateway answers, and says so in one line", async () => {
    const nobody = createServer().listen(0, "127.0.0.1");
    await once(nobody, "listening");
    const url = `ws://127.0.0.1:${portOf(nobody.address())}`;
    nobody.close();
    const run = record("--url", url, ...listenFree);
    const port = await tapPort(run);
    await until(() => run.stderr().includes("no Gateway answers"));
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, "error");
    await until(() => run.stderr().includes("#1"));
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr()).toContain("the Gateway did not answer");
  });

  test("takes the Gateway's port from the environment, and would not connect to itself", async () => {
    const run = record("--url", "ws://127.0.0.1:5", "--listen", "127.0.0.1:5");
    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain("connect to itself");
  });

  test("two recordings never share a file", async () => {
    const run = record("-o", "x.gwtrace", "--url", `127.0.0.1:${gatewayPort}`, ...listenFree);
    await tapPort(run);
    const second = record("-o", "x.gwtrace", "--url", `127.0.0.1:${gatewayPort}`, ...listenFree);
    expect(await second.exit).toBe(2);
    expect(second.stderr()).toContain("is there already");
    run.kill("SIGINT");
    await run.exit;
    expect((await readFile(join(folder, "x.gwtrace"))).length).toBeGreaterThan(0);
  });

  test("of two that begin one recording at once, one has it and the other says so", async () => {
    const both = [0, 1].map(() => record("y", "--url", "ws://127.0.0.1:9", ...listenFree));
    const isUp = (run: RecordRun): boolean => run.stderr().includes("stop with Ctrl-C");
    const isRefused = (run: RecordRun): boolean => run.stderr().includes("is there already");
    await until(() => both.every((run) => isUp(run) || isRefused(run)));
    expect([both.filter(isUp).length, both.filter(isRefused).length]).toEqual([1, 1]);
    for (const run of both.filter(isUp)) run.kill("SIGINT");
    const codes = await Promise.all(both.map(({ exit }) => exit));
    expect(new Set(codes)).toEqual(new Set([130, 2]));
    await using reader = await openRecording(join(folder, "y.gwtrace"));
    expect(reader.complete).toBe(true);
  });

  test.each([
    ["a port in use", (port: number) => ["--listen", `127.0.0.1:${port}`], "another program listens"],
    ["an address that is none", () => ["--listen", "here"], '"here" is no address'],
    ["a listener for the world", () => ["--listen", "0.0.0.0:0"], "--allow-remote"],
    ["trust without TLS", () => ["--ca", "ca.pem"], "are for wss://"],
    ["a fingerprint that is none", () => ["--url", "wss://gw.test", "--tls-fingerprint", "1234"], "is no SHA-256 fingerprint"],
    ["a certificate without its key", () => ["--tls-cert", "c.pem"], "belong together"],
    ["a time that is none", () => ["--for", "soon"], "--for soon cannot be read"],
    ["a message larger than any that is recorded", () => ["--max-message", "33MB"], "more than can be recorded"],
    ["two names", () => ["a", "b"], "one name, not 2"],
    ["no command", () => ["--"], "no command stands after --"],
    ["a name with a slash", () => ["a/b"], "is a path, not a name"],
    ["an unknown option", () => ["--lissen", "1"], "Did you mean --listen"],
  ])("%s is one clear line and exit code 2", async (_name, args, expected) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const run = record("--url", "ws://127.0.0.1:9", ...args(portOf(taken.address())));
    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain(expected);
    taken.close();
  }); // prettier-ignore
});
