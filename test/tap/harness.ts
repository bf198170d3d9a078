import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createClock } from "../../src/tap/clock.ts";
import { Recorder } from "../../src/tap/recorder.ts";
import { startTap } from "../../src/tap/tap.ts";
import type { AddressInfo, Socket } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";
import type { Tap, TapOptions } from "../../src/tap/tap.ts";

/** A tap before one raw TCP server, and everything that it recorded. */
export interface Bench extends AsyncDisposable {
  readonly tap: Tap;
  readonly entries: readonly Entry[];
  /** A client's socket and the server's socket that the tap joined it to. */
  pair(): Promise<{ readonly client: Socket; readonly gateway: Socket }>;
  /** Resolves when that many connections are closed and recorded. */
  closed(count?: number): Promise<void>;
}

/** The port that a server listens on. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}

/** Starts a tap before a TCP port, with a recorder in this thread. */
export async function startRecordingTap(
  port: number,
  options: Partial<TapOptions> = {},
): Promise<{ readonly tap: Tap; readonly entries: Entry[] }> {
  const entries: Entry[] = [];
  const observer = new Recorder({
    append: (entry) => {
      const stored = { ...entry, entry: entries.length + 1 };
      entries.push(stored);
      return stored;
    },
  });
  const tap = await startTap({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "127.0.0.1", port },
    observer,
    clock: createClock(),
    ...options,
  });
  return { tap, entries };
}

/** Starts a server that only accepts, unless told what else to do, and a tap before it. */
export async function startBench(onConnection?: (socket: Socket) => void): Promise<Bench> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    onConnection?.(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { tap, entries } = await startRecordingTap(portOf(server.address()));
  const sockets: Socket[] = [];
  return {
    tap,
    entries,
    async pair() {
      const accepted = once(server, "connection");
      const client = connect({ ...tap.hostPort, allowHalfOpen: true, noDelay: true });
      await once(client, "connect");
      const [gateway]: Socket[] = await accepted;
      if (gateway === undefined) throw new Error("no connection");
      for (const socket of [client, gateway]) socket.on("error", () => undefined);
      sockets.push(client, gateway);
      return { client, gateway };
    },
    closed: (count = 1) => until(() => closedCount(entries) === count),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await tap.close();
    },
  };
}

function closedCount(entries: readonly Entry[]): number {
  let count = 0;
  for (const { kind } of entries) if (kind === "closed") count += 1;
  return count;
}

/** Everything that a socket receives, as it comes. */
export function collect(socket: Socket): { readonly bytes: () => Buffer; size: () => number } {
  const chunks: Buffer[] = [];
  let size = 0;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
  });
  return { bytes: () => Buffer.concat(chunks), size: () => size };
}

/** Resolves as soon as the condition holds; looks after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
