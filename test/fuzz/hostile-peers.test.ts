import { once } from "node:events";
import { connect as dial, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { LiveClient } from "../replay/live-client.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";
import { collect, startBench, startRecordingTap, until } from "../tap/harness.ts";
import { closeBody, frame, UPGRADE_REQUEST, upgradeResponse } from "../wire/frames.ts";

const HUGE = Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]);
const OPENED = UPGRADE_REQUEST.toString().replace("/path?x=1", "/");
const masked = (payload: string | Uint8Array, opcode?: number): Buffer =>
  frame(payload, { masked: true, ...(opcode === undefined ? {} : { opcode }) });

/** What strangers send, each on a connection of its own that they leave open. */
const CLIENTS: readonly (readonly [name: string, bytes: string | Buffer])[] = [
  ["half a request line, and then nothing (slow loris)", "GET / HTT"],
  ["headers that never end", `GET / HTTP/1.1\r\nHost: x\r\n${"X-More: y\r\n".repeat(200)}`],
  ["100,000 headers", `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(100_000)}\r\n`],
  ["one header of a megabyte", `GET / HTTP/1.1\r\nCookie: ${"x".repeat(1 << 20)}\r\n\r\n`],
  ["a body that never comes", "POST /tools/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n"],
  ["not HTTP at all", Buffer.alloc(5000, 0xa5)],
  ["TLS", Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
  ["an upgrade, and half a frame", Buffer.concat([Buffer.from(OPENED), Buffer.from([0x81])])],
  ["a frame that claims 2^63 bytes", Buffer.concat([Buffer.from(OPENED), HUGE])],
  ["a frame without a mask", Buffer.concat([Buffer.from(OPENED), frame("{}")])],
  ["reserved bits", Buffer.concat([Buffer.from(OPENED), frame("{}", { masked: true, reserved: 7 })])],
  ["text that is no UTF-8", Buffer.concat([Buffer.from(OPENED), masked(Buffer.from([0xff, 0xfe, 0xfd]))])],
  ["a control frame in pieces", Buffer.concat([Buffer.from(OPENED), frame("x", { masked: true, opcode: 9, fin: false })])],
  ["a close with a code that there is not", Buffer.concat([Buffer.from(OPENED), masked(closeBody(999), 8)])],
  ["a connect that is not JSON", Buffer.concat([Buffer.from(OPENED), masked("connect me please")])],
  ["a connect with nothing in it", Buffer.concat([Buffer.from(OPENED), masked('{"type":"req","id":"1","method":"connect"}')])],
  ["JSON nested 5,000 deep", Buffer.concat([Buffer.from(OPENED), masked(`{"type":"req","id":"1","method":"connect","params":${"[".repeat(5000)}${"]".repeat(5000)}}`)])],
]; // prettier-ignore

const HANDSHAKE = [challenge(), connect(), helloOk(), req("1", "health"), ok("1", { up: true })];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function play() {
  const script = buildScript("scripted", numbered(conversation({}, ...HANDSHAKE)));
  return startReplayedGateway({ scripts: [script], reuse: true, maxWaitMs: 50 });
}

async function open(port: number): Promise<Socket> {
  const socket = dial({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.resume();
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

/** Resolves when the kernel took all of it, or the other side had enough. */
function send(socket: Socket, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
    socket.write(bytes, () => resolve());
  });
}

async function isServed(url: string): Promise<boolean> {
  await using client = new LiveClient(url);
  await client.connect();
  const health = await client.call("health");
  return health["ok"] === true;
}

describe("a replayed Gateway serves its clients beside one that sends", () => {
  test.each(CLIENTS)("%s", async (_name, bytes) => {
    await using replay = await play();
    const hostile = await open(replay.address.port);
    await send(hostile, bytes);
    expect(await isServed(replay.url)).toBe(true);
  });

  test("all of that at once", async () => {
    await using replay = await play();
    for (const [, bytes] of CLIENTS) await send(await open(replay.address.port), bytes);
    expect(await isServed(replay.url)).toBe(true);
  });
});

describe("a tap serves its clients, and records them, beside one that sends", () => {
  test.each(CLIENTS)("%s", async (_name, bytes) => {
    await using replay = await play();
    const { tap, entries } = await startRecordingTap(replay.address.port);
    await using closing = tap;
    await send(await open(tap.hostPort.port), bytes);
    expect(await isServed(`ws://127.0.0.1:${closing.hostPort.port}`)).toBe(true);
    await until(() =>
      entries.some(({ kind, connection }) => kind === "closed" && connection === 2),
    );
    const served = entries.filter(({ connection, kind }) => connection === 2 && kind === "message");
    expect(served.length).toBeGreaterThanOrEqual(5);
  });
});

/** What a Gateway that is none sends to a client that asked for a WebSocket. */
const GATEWAYS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["100,000 headers", Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${"a: b\r\n".repeat(100_000)}\r\n`)],
  ["a masked frame", Buffer.concat([upgradeResponse(), masked("{}")])],
  ["a frame that claims 2^63 bytes", Buffer.concat([upgradeResponse(), HUGE])],
  ["text that is no UTF-8", Buffer.concat([upgradeResponse(), frame(Buffer.from([0xc3, 0x28]))])],
  ["what was never deflated as deflated", Buffer.concat([upgradeResponse("Sec-WebSocket-Extensions: permessage-deflate"), frame("not deflated", { reserved: 4 })])],
  ["a chunk of size -1", Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")],
  ["noise", Buffer.alloc(300_000, 0x5a)],
]; // prettier-ignore

test.each(GATEWAYS)("a tap passes on %s from the Gateway as it is", async (_name, bytes) => {
  await using bench = await startBench();
  const { client, gateway } = await bench.pair();
  const received = collect(client);
  client.write(UPGRADE_REQUEST);
  gateway.resume().write(bytes);
  await until(() => received.size() === bytes.length);
  expect(received.bytes().equals(bytes)).toBe(true);
  client.end();
  gateway.end();
  await bench.closed();
  expect(bench.entries.at(-1)).toMatchObject({ kind: "closed" });
});
