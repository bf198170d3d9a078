import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "./harness/gateway.ts";
import { host } from "./harness/host.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { masked } from "./harness/masked.ts";
import { ReferenceClient } from "./harness/reference-client.ts";
import { startReplay } from "./harness/replay.ts";
import { startTap } from "./harness/tap.ts";
import { until } from "./harness/until.ts";

/** A way to a port that can be cut. */
async function startWay(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `ws://127.0.0.1:${typeof address === "object" ? String(address?.port) : ""}`,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Connects, subscribes, is cut off by `cut`, connects again by itself, and asks once more. */
async function play(url: string, cut: () => void): Promise<unknown> {
  await using client = await ReferenceClient.start(url);
  const scopes = [await client.connected(1)];
  const subscribed = await client.request("sessions.subscribe");
  const presence = await client.request("system-presence");
  cut();
  scopes.push(await client.connected(2));
  const again = await client.request("sessions.subscribe");
  await until("a health event", 60_000, () => client.events.includes("health"));
  return masked({ scopes, subscribed, presence: Array.isArray(presence), again });
}

test("the reference client connects, subscribes and reconnects to a replay as to the Gateway", async () => {
  const dir = await mkdtemp(join(tmpdir(), "gw-trace-live-reference-"));
  const recording = join(dir, "recorded.gwtrace");
  try {
    const port = await host.tapPort();
    const recorded = await (async () => {
      await using gateway = await startGateway({ version: OPENCLAW_VERSIONS[1] });
      await using way = await startWay(gateway.port);
      await using tap = await startTap(host, { port, upstream: way.url, output: recording });
      const seen = await play(`ws://127.0.0.1:${String(port)}`, way.cut);
      await tap.settled(2);
      expect((await tap.stop()).code).toBe(130);
      return seen;
    })();
    expect(recorded).toMatchObject({ scopes: [["operator.read"], ["operator.read"]] });
    const output = join(dir, "replayed.gwtrace");
    await using replay = await startReplay(host, { port, recording, output });
    // The recording holds the cut: a replay makes it by itself.
    expect(await play(`ws://127.0.0.1:${String(port)}`, () => undefined)).toEqual(recorded);
    expect(await replay.end()).toMatchObject({ code: 0, verdict: { clean: true } });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
