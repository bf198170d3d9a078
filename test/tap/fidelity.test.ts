import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cut, gist } from "../wire/events.ts";
import { UPGRADE_REQUEST, closeBody, frame, upgradeResponse } from "../wire/frames.ts";
import { collect, startBench, until } from "./harness.ts";
import type { Sent } from "../wire/events.ts";
import type { Entry } from "../../src/recording/entry.ts";

const upgrade: readonly Sent[] = [
  ["client", UPGRADE_REQUEST],
  ["gateway", upgradeResponse()],
];
const client = (payload: string | Uint8Array, opcode = 1, fin = true): Sent => [
  "client",
  frame(payload, { opcode, fin, masked: true }),
];
const gateway = (payload: string | Uint8Array, opcode = 1, fin = true): Sent => [
  "gateway",
  frame(payload, { opcode, fin }),
];
const text = (side: "client" | "gateway", value: string): Sent => [side, Buffer.from(value)];

/** Sends everything through a tap, each piece after the one before arrived, and says what came out. */
async function send(sent: readonly Sent[]): Promise<{
  readonly arrived: { readonly client: string; readonly gateway: string };
  readonly entries: readonly Entry[];
}> {
  await using bench = await startBench();
  const sockets = await bench.pair();
  const atGateway = collect(sockets.gateway);
  const atClient = collect(sockets.client);
  const expected = { client: 0, gateway: 0 };
  for (const [from, bytes] of sent) {
    sockets[from].write(bytes);
    expected[from] += bytes.length;
    await until(() => atGateway.size() === expected.client && atClient.size() === expected.gateway);
  }
  sockets.client.end();
  sockets.gateway.end();
  await bench.closed();
  return {
    arrived: { client: hash(atGateway.bytes()), gateway: hash(atClient.bytes()) },
    entries: bench.entries,
  };
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hashOf(sent: readonly Sent[], side: string): string {
  return hash(Buffer.concat(sent.filter(([from]) => from === side).map(([, bytes]) => bytes)));
}

function recorded(entries: readonly Entry[]): string[] {
  return gist(
    entries.filter(
      (entry) => entry.kind !== "opened" && entry.kind !== "closed" && entry.kind !== "gap",
    ),
  );
}

const conversation: readonly Sent[] = [
  ...upgrade,
  gateway("challenge"),
  client("first ", 1, false),
  client("?", 9),
  gateway("?", 10),
  client("second", 0),
  gateway("x".repeat(300)),
  gateway(closeBody(1008, "pairing required"), 8),
  client("", 8),
];
const conversationGist = [
  "client GET /path?x=1",
  "gateway 101",
  "gateway text challenge",
  "client ping ?",
  "gateway pong ?",
  "client text first second",
  `gateway text ${"x".repeat(300)}`,
  "gateway close 1008 pairing required",
  "client close null ",
];

const cases: readonly (readonly [string, readonly Sent[], readonly string[]])[] = [
  ["a conversation with fragments, ping, and close", conversation, conversationGist],
  ["one byte a packet", cut(conversation, [1]), conversationGist],
  ["a Gateway that speaks first", [gateway("early"), text("client", "hello?")], ["gateway undecodable: not HTTP (7)", "client undecodable: not HTTP (6)"]],
  ["an upgrade that is refused", [["client", UPGRADE_REQUEST], text("gateway", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")], ["client GET /path?x=1", "gateway 401"]],
  ["an upgrade that is not found", [["client", UPGRADE_REQUEST], text("gateway", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n")], ["client GET /path?x=1", "gateway 404"]],
  ["plain HTTP before the upgrade", [text("client", "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"), text("gateway", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), ...upgrade], ["client GET /a", "client GET /b", "gateway 404", "gateway 200", "client GET /path?x=1", "gateway 101"]],
  ["what is not HTTP at all", [["client", Uint8Array.from({ length: 256 }, (_, i) => 255 - i)], ["gateway", Uint8Array.from({ length: 256 }, (_, i) => i)]], ["client undecodable: not HTTP (256)", "gateway undecodable: not HTTP (256)"]],
]; // prettier-ignore

test.each(cases)("%s arrives byte for byte and is recorded", async (_name, sent, expected) => {
  const { arrived, entries } = await send(sent);
  expect(arrived).toEqual({ client: hashOf(sent, "client"), gateway: hashOf(sent, "gateway") });
  expect(recorded(entries)).toEqual(expected);
});

test("everything in one packet arrives and is recorded", async () => {
  const all = (side: "client" | "gateway"): Sent => [
    side,
    Buffer.concat(conversation.filter(([from]) => from === side).map(([, bytes]) => bytes)),
  ];
  const sent = [all("client"), all("gateway")];
  const { arrived, entries } = await send(sent);
  expect(arrived).toEqual({ client: hashOf(sent, "client"), gateway: hashOf(sent, "gateway") });
  for (const side of ["client", "gateway"]) {
    const ofSide = (lines: readonly string[]): string[] =>
      lines.filter((line) => line.startsWith(side));
    expect(ofSide(recorded(entries))).toEqual(ofSide(conversationGist));
  }
});

test("random pieces arrive and are recorded", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }),
      async (sizes) => {
        const sent = cut(conversation, sizes);
        const { arrived, entries } = await send(sent);
        expect(arrived.client).toBe(hashOf(sent, "client"));
        expect(arrived.gateway).toBe(hashOf(sent, "gateway"));
        expect(recorded(entries)).toEqual(conversationGist);
      },
    ),
    { numRuns: 25 },
  );
});

test("random pieces of both sides at once arrive and are recorded, each side in its order", async () => {
  const afterUpgrade = conversation.slice(upgrade.length);
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.boolean()), async (pieces, turns) => {
      await using bench = await startBench();
      const sockets = await bench.pair();
      const atGateway = collect(sockets.gateway);
      const atClient = collect(sockets.client);
      sockets.client.write(UPGRADE_REQUEST);
      await until(() => atGateway.size() === UPGRADE_REQUEST.length);
      sockets.gateway.write(upgradeResponse());
      await until(() => atClient.size() === upgradeResponse().length);
      const left = { client: piecesOf("client", pieces), gateway: piecesOf("gateway", pieces) };
      while (left.client.length + left.gateway.length > 0) {
        const side = turns.next().value === true ? "client" : "gateway";
        const piece = left[side].shift();
        if (piece !== undefined) sockets[side].write(piece);
        if (turns.next().value === true) await new Promise(setImmediate);
      }
      sockets.client.end();
      sockets.gateway.end();
      await bench.closed();
      const sent = [...upgrade, ...afterUpgrade];
      expect(hash(atGateway.bytes())).toBe(hashOf(sent, "client"));
      expect(hash(atClient.bytes())).toBe(hashOf(sent, "gateway"));
      for (const side of ["client", "gateway"]) {
        const ofSide = (lines: readonly string[]): string[] =>
          lines.filter((line) => line.startsWith(side));
        expect(ofSide(recorded(bench.entries))).toEqual(ofSide(conversationGist));
      }
    }),
    { numRuns: 25 },
  );

  function piecesOf(side: "client" | "gateway", pieces: readonly number[]): Uint8Array[] {
    const all = Buffer.concat(afterUpgrade.filter(([from]) => from === side).map(([, bytes]) => bytes));
    return cut([[side, all]], pieces).map(([, bytes]) => bytes);
  }
}); // prettier-ignore

test("25 MB in one frame arrive both ways at once and are recorded", async () => {
  const big = "0123456789abcdef".repeat((25 * 1024 * 1024) / 16);
  await using bench = await startBench();
  const sockets = await bench.pair();
  const atGateway = collect(sockets.gateway);
  const atClient = collect(sockets.client);
  sockets.client.write(UPGRADE_REQUEST);
  await until(() => atGateway.size() === UPGRADE_REQUEST.length);
  const fromClient = frame(big, { masked: true });
  const fromGateway = Buffer.concat([upgradeResponse(), frame(big)]);
  sockets.gateway.end(fromGateway);
  await until(() => atClient.size() > 0);
  sockets.client.end(fromClient);
  await bench.closed();
  expect(hash(atGateway.bytes())).toBe(hash(Buffer.concat([UPGRADE_REQUEST, fromClient])));
  expect(hash(atClient.bytes())).toBe(hash(fromGateway));
  const sizes = bench.entries.map((entry) => (entry.kind === "message" ? entry.sizeBytes : 0));
  expect(sizes.filter((size) => size > 0)).toEqual([big.length, big.length]);
});
