import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { createClock } from "../../src/tap/clock.ts";
import { startTap } from "../../src/tap/tap.ts";
import { collect, portOf, startBench, startRecordingTap, until } from "./harness.ts";
import type { Socket } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";

function ends(entries: readonly Entry[]): object[] {
  return entries.flatMap((entry) =>
    entry.kind === "closed" ? [{ by: entry.by, how: entry.how, error: entry.error }] : [],
  );
}

async function errorOf(socket: Socket): Promise<string | undefined> {
  const [error]: NodeJS.ErrnoException[] = await once(socket, "error");
  return error?.code;
}

/** Resolves when nothing more of a flood is accepted, as far as can be seen. */
async function untilHeldBack(socket: Socket, floodBytes: number): Promise<void> {
  let quietTurns = 0;
  for (let seen = -1; quietTurns < 200;) {
    await new Promise(setImmediate);
    const accepted = floodBytes - socket.writableLength;
    quietTurns = accepted === seen ? quietTurns + 1 : 0;
    seen = accepted;
  }
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  server.close();
  await once(server, "close");
  return port;
}

describe.each([
  ["client", "gateway"],
  ["gateway", "client"],
] as const)("when the %s", (first, second) => {
  test("ends its half, the other half goes on", async () => {
    await using bench = await startBench();
    const pair = await bench.pair();
    const received = collect(pair[first]);
    pair[first].end("last words");
    await once(pair[second].resume(), "end");
    pair[second].write("and yet ");
    await until(() => received.size() === 8);
    pair[second].end("more");
    await bench.closed();
    expect(received.bytes().toString()).toBe("and yet more");
    expect(ends(bench.entries)).toEqual([{ by: first, how: "fin", error: null }]);
  });

  test("resets the connection, the other meets a reset", async () => {
    await using bench = await startBench();
    const pair = await bench.pair();
    const received = collect(pair[second]);
    pair[first].write("before");
    await until(() => received.size() === 6);
    const error = errorOf(pair[second]);
    pair[first].resetAndDestroy();
    expect(await error).toBe("ECONNRESET");
    await bench.closed();
    expect(ends(bench.entries)).toEqual([{ by: first, how: "reset", error: "ECONNRESET" }]);
  });

  test("resets while the other does not read, the other gets what had arrived, and then no answer", async () => {
    await using bench = await startBench();
    const pair = await bench.pair();
    pair[second].pause();
    const flood = Buffer.alloc(64 * 1024 * 1024, "flood ");
    pair[first].write(flood);
    await untilHeldBack(pair[first], flood.length);
    pair[first].resetAndDestroy();
    const received = collect(pair[second]);
    const error = errorOf(pair[second]);
    // After bytes that were not read, Node takes a reset for an end, without a tap as well; writing tells.
    const ask = (): void => {
      if (!pair[second].destroyed) setImmediate(ask);
      pair[second].write("is anyone there?");
    };
    pair[second].on("end", ask).resume();
    expect(["ECONNRESET", "EPIPE"]).toContain(await error);
    await bench.closed();
    expect(ends(bench.entries)).toMatchObject([{ by: first }]);
    expect(received.size()).toBeGreaterThan(0);
    expect(received.bytes().equals(flood.subarray(0, received.size()))).toBe(true);
  });

  test("resets while it does not read, the other meets the reset when it writes on", async () => {
    await using bench = await startBench();
    const pair = await bench.pair();
    pair[first].pause();
    const flood = Buffer.alloc(64 * 1024 * 1024, "flood ");
    pair[second].write(flood);
    await untilHeldBack(pair[second], flood.length);
    const error = errorOf(pair[second]);
    pair[first].resetAndDestroy();
    expect(["ECONNRESET", "EPIPE"]).toContain(await error);
    await bench.closed();
    expect(ends(bench.entries)).toMatchObject([{ by: first, how: "reset" }]);
  });

  test("does not read, the other is held back and nothing is lost", async () => {
    await using bench = await startBench();
    const pair = await bench.pair();
    pair[first].pause();
    const flood = Buffer.alloc(64 * 1024 * 1024, "flood ");
    pair[second].end(flood);
    await untilHeldBack(pair[second], flood.length);
    expect(pair[second].writableLength).toBeGreaterThan(0);
    const received = collect(pair[first]);
    pair[first].resume().on("end", () => pair[first].end());
    await bench.closed();
    expect(received.bytes().equals(flood)).toBe(true);
  });
});

test("addresses: the client's, the one that the Gateway sees, the Gateway's", async () => {
  await using bench = await startBench();
  const { client, gateway } = await bench.pair();
  await until(() => bench.entries.length === 1);
  expect(bench.entries[0]).toMatchObject({
    kind: "opened",
    connection: 1,
    clientAddress: `127.0.0.1:${client.localPort}`,
    peerAddress: `127.0.0.1:${gateway.remotePort}`,
    gatewayAddress: `127.0.0.1:${gateway.localPort}`,
  });
});

test("a source address is what the Gateway sees", async () => {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { tap, entries } = await startRecordingTap(portOf(server.address()), {
    upstream: { host: "127.0.0.1", port: portOf(server.address()), source: "127.0.0.77" },
  });
  const accepted = once(server, "connection");
  const client = connect(tap.hostPort);
  const [gateway]: Socket[] = await accepted;
  expect(gateway?.remoteAddress).toBe("127.0.0.77");
  await until(() => entries.length > 0);
  client.destroy();
  await tap.close();
  server.close();
  expect(entries[0]).toMatchObject({ peerAddress: expect.stringMatching(/^127\.0\.0\.77:/) });
});

test("a Gateway that is away resets the client, and the recording says so", async () => {
  const { tap, entries } = await startRecordingTap(await freePort());
  const client = connect(tap.hostPort);
  client.write("hello");
  expect(await errorOf(client)).toBe("ECONNRESET");
  await until(() => entries.length === 2);
  expect(entries[0]).toMatchObject({ kind: "opened", peerAddress: null, gatewayAddress: null });
  expect(ends(entries)).toEqual([{ by: "tap", how: "unreachable", error: "ECONNREFUSED" }]);
  await tap.close();
});

test("closing the tap ends what is open and says that the tap did it", async () => {
  const bench = await startBench();
  const first = await bench.pair();
  await bench.pair();
  const ended = once(first.client.resume(), "close");
  first.client.on("end", () => first.client.end());
  await bench.tap.close();
  await ended;
  expect(ends(bench.entries)).toEqual([
    { by: "tap", how: "stopped", error: null },
    { by: "tap", how: "stopped", error: null },
  ]);
  expect(bench.tap.openConnections).toBe(0);
  await bench[Symbol.asyncDispose]();
});

test("an observer that throws is heard of once, and traffic flows on", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const troubles: string[] = [];
  const fail = (): never => {
    throw new Error("cannot listen any more");
  };
  const tap = await startTap({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "127.0.0.1", port: portOf(server.address()) },
    observer: { opened: fail, bytes: fail, ended: fail, closed: fail },
    clock: createClock(),
    onTrouble: (error) => troubles.push(error.message),
  });
  const client = connect(tap.hostPort);
  const received = collect(client);
  client.end("echo");
  await once(client, "end");
  expect(received.bytes().toString()).toBe("echo");
  expect(troubles).toEqual(["cannot listen any more"]);
  await tap.close();
  server.close();
});

test("three hundred short connections leave nothing behind", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { tap, entries } = await startRecordingTap(portOf(server.address()));
  for (let round = 0; round < 6; round++) {
    const clients = Array.from({ length: 50 }, () => connect(tap.hostPort).resume().end("x"));
    await Promise.all(clients.map((client) => once(client, "close")));
  }
  await until(() => ends(entries).length === 300);
  expect(new Set(entries.map(({ connection }) => connection)).size).toBe(300);
  expect(tap.openConnections).toBe(0);
  await tap.close();
  server.close();
});

test.each([
  ["a port in use", "PORT_IN_USE"],
  ["an address of another machine", "ADDRESS_INVALID"],
])("%s is one clear error", async (name, code) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const listen =
    name === "a port in use"
      ? { host: "127.0.0.1", port: portOf(taken.address()) }
      : { host: "192.0.2.1", port: 0 };
  await expect(startRecordingTap(1, { listen })).rejects.toMatchObject({ code });
  taken.close();
});
