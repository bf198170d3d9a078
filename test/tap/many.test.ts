import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startBench, until } from "./harness.ts";
import type { Bench } from "./harness.ts";

/** Open files of this process, sockets included; 0 where the system does not say. */
function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** How many sockets and timers keep this process alive. */
function countResources(): { readonly sockets: number; readonly timers: number } {
  const kinds = process.getActiveResourcesInfo();
  return {
    sockets: kinds.filter((kind) => kind.startsWith("TCPSocket")).length,
    timers: kinds.filter((kind) => kind === "Timeout").length,
  };
}

async function comeAndGo(bench: Bench, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const client = connect(bench.tap.hostPort);
    client.on("error", () => undefined);
    await once(client, "connect");
    client.end("GET / HTTP/1.1\r\n\r\n");
    client.resume();
    await once(client, "close");
  }
}

test("ten thousand short connections leave nothing behind", { timeout: 120_000 }, async () => {
  await using bench = await startBench((socket) => socket.resume().end());
  await comeAndGo(bench, 10);
  await bench.closed(10);
  await until(() => countResources().sockets === 0);
  const before = { files: openFiles(), timers: countResources().timers };
  await Promise.all(Array.from({ length: 20 }, () => comeAndGo(bench, 500)));
  await bench.closed(10_010);
  expect(bench.tap.openConnections).toBe(0);
  await until(() => countResources().sockets === 0);
  expect(countResources().timers).toBeLessThanOrEqual(before.timers);
  await until(() => openFiles() <= before.files);
});

test("a thousand connections at once are all served, and leave nothing behind", async () => {
  await using bench = await startBench((socket) => socket.pipe(socket));
  const before = openFiles();
  const clients = Array.from({ length: 1000 }, () => connect(bench.tap.hostPort));
  await Promise.all(
    clients.map(async (client, i) => {
      await once(client, "connect");
      client.write(`hello ${i}`);
      const [echo] = await once(client, "data");
      expect(String(echo)).toBe(`hello ${i}`);
    }),
  );
  expect(bench.tap.openConnections).toBe(1000);
  for (const client of clients) client.end();
  await bench.closed(1000);
  expect(bench.tap.openConnections).toBe(0);
  await until(() => openFiles() <= before);
});
