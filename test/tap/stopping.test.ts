import { once } from "node:events";
import { connect, createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSelfSigned } from "../../src/tap/certificate.ts";
import { createListenTls } from "../../src/tap/listen-tls.ts";
import { resetSocket } from "../../src/tap/secured.ts";
import { portOf, startRecordingTap, until } from "./harness.ts";
import type { Server, Socket } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";

const PAIR = createSelfSigned(["127.0.0.1"], new Date());
const CLIENTS = 100;

const REQUEST = [
  "GET / HTTP/1.1",
  "Host: a",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "\r\n",
].join("\r\n");
const REFUSAL = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
const ACCEPTANCE = "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const CLOSE_FRAME = Buffer.from([0x88, 2, 3, 240]);

const GATEWAYS: readonly (readonly [does: string, act: (socket: Socket) => void])[] = [
  ["resets at once", (socket) => socket.resetAndDestroy()],
  ["goes away at once", (socket) => socket.destroy()],
  ["answers and goes away", (socket) => void socket.write(REFUSAL, () => socket.destroy())],
  [
    "answers and resets",
    (socket) => {
      socket.write(REFUSAL);
      socket.resetAndDestroy();
    },
  ],
  [
    "ends its half and resets",
    (socket) => socket.end(REFUSAL, () => setImmediate(() => socket.resetAndDestroy())),
  ],
  [
    "reads, answers and resets",
    (socket) => {
      socket.once("data", () => {
        socket.write(REFUSAL);
        socket.resetAndDestroy();
      });
    },
  ],
  [
    "closes the WebSocket while its client keeps sending",
    (socket) => {
      socket.once("data", () => {
        socket.write(ACCEPTANCE);
        socket.pause();
        setImmediate(() => socket.write(CLOSE_FRAME, () => socket.destroy()));
      });
    },
  ],
];

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return portOf(server.address());
}

async function startGateway(act: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      act(socket);
    }),
  );
}

/** Keeps sending until the other side has enough. */
async function keepSending(client: Socket): Promise<void> {
  client.on("error", () => undefined).resume();
  const gone = new Promise((resolve) => client.once("close", resolve));
  client.write(REQUEST);
  const sendOn = (): void => {
    if (client.destroyed) return;
    client.write(Buffer.alloc(50, 0x81));
    setImmediate(sendOn);
  };
  sendOn();
  await gone;
}

function count(entries: readonly Entry[], kind: Entry["kind"]): number {
  return entries.filter((entry) => entry.kind === kind).length;
}

describe.each(GATEWAYS)("a Gateway that %s", (_does, act) => {
  test.each(["plain", "TLS"] as const)("leaves nothing open of %s clients", async (way) => {
    const listenTls = way === "TLS" ? createListenTls(PAIR).context : null;
    const { tap, entries } = await startRecordingTap(await startGateway(act), { listenTls });
    for (let client = 0; client < CLIENTS; client++) {
      const socket =
        way === "TLS"
          ? connectTls({ ...tap.hostPort, ca: PAIR.cert, host: "127.0.0.1" })
          : connect(tap.hostPort);
      await keepSending(socket);
    }
    await until(() => tap.openConnections === 0);
    await tap.close();
    expect([count(entries, "opened"), count(entries, "closed")]).toEqual([CLIENTS, CLIENTS]);
  });
});

test.each([0, 1000, 16 * 1024 * 1024])(
  "a socket that ends after %i bytes is reset after its end, and closed",
  async (sizeBytes) => {
    const accepted: Socket[] = [];
    const port = await listen(createServer((socket) => void accepted.push(socket)));
    const client = connect(port, "127.0.0.1").on("error", () => undefined);
    await until(() => accepted.length === 1);
    const [server] = accepted;
    if (server === undefined) throw new Error("no connection");
    const errors: Error[] = [];
    server.on("error", (error) => errors.push(error));
    server.end(Buffer.alloc(sizeBytes));
    resetSocket(server);
    const closed = once(server, "close");
    client.resume();
    await closed;
    expect(errors).toEqual([]);
  },
);

test("what a stopping tap ends is told before it waits for anything, and once", async () => {
  const gateways: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    gateways.push(socket.on("error", () => undefined));
  });
  const { tap, entries } = await startRecordingTap(await listen(server));
  const clients = [0, 1].map(() => connect(tap.hostPort).on("error", () => undefined));
  await until(() => gateways.length === 2);
  // This one has said its last word, and nobody has answered yet.
  gateways[0]?.end();
  await until(() => count(entries, "opened") === 2);
  const closing = [tap.close(), tap.close()];
  expect(count(entries, "closed")).toBe(2);
  await Promise.all(closing);
  for (const socket of [...clients, ...gateways]) socket.destroy();
  expect(count(entries, "closed")).toBe(2);
});
