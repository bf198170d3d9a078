import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, decode, gist, timeless } from "./events.ts";
import { UPGRADE_REQUEST, closeBody, frame, upgradeResponse } from "./frames.ts";
import type { Sent } from "./events.ts";

const client = (payload: string | Uint8Array, opcode = 1, fin = true): Sent => [
  "client",
  frame(payload, { opcode, fin, masked: true }),
];
const gateway = (payload: string | Uint8Array, opcode = 1, fin = true): Sent => [
  "gateway",
  frame(payload, { opcode, fin }),
];
const upgrade: readonly Sent[] = [
  ["client", UPGRADE_REQUEST],
  ["gateway", upgradeResponse()],
];
const text = (side: "client" | "gateway", value: string): Sent => [side, Buffer.from(value)];

const conversation: readonly Sent[] = [
  ...upgrade,
  gateway('{"type":"event","event":"connect.challenge"}'),
  client('{"type":"req","id":"1"}'),
  client("first ", 1, false),
  client("are you there", 9),
  gateway("are you there", 10),
  client("second ✓", 0, true),
  gateway(Uint8Array.of(0, 1, 2, 255), 2),
  gateway("x".repeat(200)),
  client("y".repeat(70_000)),
  gateway("", 1),
  gateway(closeBody(1008, "pairing required"), 8),
  client(closeBody(1008), 8),
];

const conversationGist = [
  "client GET /path?x=1",
  "gateway 101",
  'gateway text {"type":"event","event":"connect.challenge"}',
  'client text {"type":"req","id":"1"}',
  "client ping are you there",
  "gateway pong are you there",
  "client text first second ✓",
  "gateway binary \u0000\u0001\u0002ÿ",
  `gateway text ${"x".repeat(200)}`,
  `client text ${"y".repeat(70_000)}`,
  "gateway text ",
  "gateway close 1008 pairing required",
  "client close 1008 ",
];

describe("a whole conversation", () => {
  test.each([
    ["as it was sent", [0]],
    ["one byte at a time", [1]],
    ["in pieces of 3", [3]],
    ["in pieces of 1000", [1000]],
  ])("reads the same %s", async (_name, sizes) => {
    expect(gist(await decode(cut(conversation, sizes)))).toEqual(conversationGist);
  });

  // Were every byte to look at all those before it, this would take minutes, and the recording thread would hear of nothing else.
  test("a long head that comes byte by byte is read in no time", async () => {
    const head = Buffer.from(`GET / HTTP/1.1\r\nX: ${"a".repeat(100_000)}\r\n\r\n`);
    expect(gist(await decode(cut([["client", head]], [1])))).toEqual(["client GET /"]);
  });

  test("reads the same in random pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 60 }),
        async (sizes) => {
          expect(gist(await decode(cut(conversation, sizes)))).toEqual(conversationGist);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("reads the same when each side's bytes come in one chunk, client first", async () => {
    const all = (side: string): Buffer =>
      Buffer.concat(conversation.filter(([from]) => from === side).map(([, bytes]) => bytes));
    const events = gist(
      await decode([
        ["client", all("client")],
        ["gateway", all("gateway")],
      ]),
    );
    const of = (lines: readonly string[], side: string): string[] =>
      lines.filter((line) => line.startsWith(side));
    for (const side of ["client", "gateway"]) {
      expect(of(events, side)).toEqual(of(conversationGist, side));
    }
  });

  test("keeps headers in order and spelling, sizes, and the moment of the last byte", async () => {
    const events = await decode([
      ...upgrade,
      ["gateway", frame("héllo").subarray(0, 3)],
      ["gateway", frame("héllo").subarray(3)],
    ]);
    expect(events[0]).toMatchObject({
      kind: "http-request",
      headers: [
        ["Host", "gateway.test:18789"],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
        ["Sec-WebSocket-Version", "13"],
      ],
    });
    expect(events[2]).toEqual({
      kind: "message",
      from: "gateway",
      message: { type: "text", text: "héllo" },
      sizeBytes: 6,
      atMs: 3,
      wallMs: 1_700_000_000_003,
    });
  });

  test("a close frame without a body has no code", async () => {
    const events = await decode([...upgrade, client("", 8)]);
    expect(timeless(events).at(-1)).toEqual({
      kind: "message",
      from: "client",
      message: { type: "close", code: null, reason: "" },
      sizeBytes: 0,
    });
  });

  test("reads a 25 MB message", async () => {
    const big = "0123456789abcdef".repeat((25 * 1024 * 1024) / 16);
    const events = await decode(cut([...upgrade, client(big), gateway("after")], [65_536]));
    expect(events[2]).toMatchObject({ kind: "message", sizeBytes: big.length });
    expect(events[2]).toMatchObject({ message: { text: big } });
    expect(gist(events).at(-1)).toBe("gateway text after");
  });
});

describe("bytes that are no message", () => {
  const cases: readonly (readonly [string, Sent, string])[] = [
    ["an unmasked client", ["client", frame("x")], "client undecodable: Invalid WebSocket frame: MASK must be set (3)"],
    ["a masked Gateway", ["gateway", frame("x", { masked: true })], "gateway undecodable: Invalid WebSocket frame: MASK must be clear (7)"],
    ["reserved bits", ["gateway", frame("x", { reserved: 2 })], "gateway undecodable: Invalid WebSocket frame: RSV2 and RSV3 must be clear (3)"],
    ["compression that nobody agreed on", ["gateway", frame("x", { reserved: 4 })], "gateway undecodable: Invalid WebSocket frame: RSV1 must be clear (3)"],
    ["an unknown opcode", ["gateway", frame("x", { opcode: 11 })], "gateway undecodable: Invalid WebSocket frame: invalid opcode 11 (3)"],
    ["text that is not UTF-8", ["gateway", frame(Uint8Array.of(0xff, 0xfe))], "gateway undecodable: Invalid WebSocket frame: invalid UTF-8 sequence (4)"],
    ["a close code that must not be sent", ["gateway", frame(closeBody(1006), { opcode: 8 })], "gateway undecodable: Invalid WebSocket frame: invalid status code 1006 (4)"],
    ["bytes after the close frame", ["gateway", Buffer.concat([frame("", { opcode: 8 }), Buffer.from("more")])], "gateway undecodable: came after the close frame (4)"],
    ["a message cut short", ["gateway", frame("long message").subarray(0, 6)], "gateway undecodable: ended inside a message (6)"],
    ["a fragment without its end", ["gateway", frame("part", { fin: false })], "gateway undecodable: ended inside a message (6)"],
  ]; // prettier-ignore
  test.each(cases)("%s: one event, and the other side goes on", async (_name, sent, expected) => {
    const other: Sent = sent[0] === "client" ? gateway("still here") : client("still here");
    const events = gist(await decode([...upgrade, sent, other]));
    expect(events).toContain(expected);
    expect(events.filter((line) => line.includes("undecodable"))).toHaveLength(1);
    expect(events).toContain(`${other[0]} text still here`);
  });

  test("the rest of that side is counted and told at its end", async () => {
    const events = await decode([
      ...upgrade,
      gateway("good"),
      ["gateway", Buffer.concat([frame("good too"), frame("bad", { reserved: 1 })])],
      gateway("never read"),
      ["gateway", Buffer.alloc(1000)],
    ]);
    expect(gist(events).slice(2)).toEqual([
      "gateway text good",
      "gateway text good too",
      "gateway undecodable: Invalid WebSocket frame: RSV2 and RSV3 must be clear (5)",
      "gateway undecodable: Invalid WebSocket frame: RSV2 and RSV3 must be clear (the rest) (1012)",
    ]);
    expect(events[4]).toMatchObject({ bytes: Uint8Array.from(frame("bad", { reserved: 1 })) });
  });

  test("a message over the limit is named with the limit", async () => {
    const events = await decode([...upgrade, gateway("x".repeat(2000))], { maxMessageBytes: 1000 });
    expect(gist(events).at(-1)).toMatch(/^gateway undecodable: message larger than 1000 bytes/);
  });

  test("keeps at most 256 bytes as evidence", async () => {
    const events = await decode([["client", Buffer.alloc(5000, 1)]]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ sizeBytes: 5000, bytes: new Uint8Array(256).fill(1) });
  });
});

describe("HTTP before and instead of the upgrade", () => {
  test("plain requests with bodies go before the upgrade", async () => {
    const events = await decode(
      cut(
        [
          text("client", "\r\nPOST /tools/invoke HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"),
          text("client", "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n12\r\n\r\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n"),
          text("client", "HEAD /health HTTP/1.0\n\n"),
          text("gateway", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
          text("gateway", "HTTP/1.1 204 No Content\r\n\r\n"),
          text("gateway", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"),
          ...upgrade,
          client("hello"),
        ],
        [7],
      ),
    ); // prettier-ignore
    expect(gist(events)).toEqual([
      "client POST /tools/invoke",
      "client POST /b",
      "client HEAD /health",
      "gateway 100",
      "gateway 200",
      "gateway 204",
      "gateway 200",
      "client GET /path?x=1",
      "gateway 101",
      "client text hello",
    ]);
  });

  test.each([401, 404])("an upgrade refused with %i leaves HTTP as it was", async (status) => {
    const events = await decode([
      ["client", Buffer.concat([UPGRADE_REQUEST, Buffer.from("GET /next HTTP/1.1\r\n\r\n")])],
      text("gateway", `HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`),
      text("gateway", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ]);
    expect(gist(events)).toEqual([
      "client GET /path?x=1",
      `gateway ${status}`,
      "client GET /next",
      "gateway 200",
    ]);
  });

  test("messages that a hasty client sends before the 101 are read after it", async () => {
    const events = await decode([
      ["client", Buffer.concat([UPGRADE_REQUEST, frame("hasty", { masked: true })])],
      ["gateway", Buffer.concat([upgradeResponse(), frame("welcome")])],
    ]);
    expect(gist(events).toSorted()).toEqual([
      "client GET /path?x=1",
      "client text hasty",
      "gateway 101",
      "gateway text welcome",
    ]);
  });

  const odd: readonly (readonly [string, readonly Sent[], readonly string[]])[] = [
    ["nothing at all", [], []],
    ["not HTTP", [text("client", "SSH-2.0-OpenSSH_9.2\r\n\r\n")], ["client undecodable: not HTTP (23)"]],
    ["not HTTP, without a line end", [text("client", "\u0000\u0001")], ["client undecodable: not HTTP (2)"]],
    ["TLS", [["client", Buffer.from("16030100", "hex")]], ["client undecodable: not HTTP: a TLS handshake (4)"]],
    ["a Gateway that is none, speaking first", [text("gateway", "220 smtp ready\r\n")], ["gateway undecodable: not HTTP (16)"]],
    ["a request line of another kind", [text("client", "GET / HTTP/2.0\r\n\r\n")], ["client undecodable: not HTTP (18)"]],
    ["a head cut short", [text("client", "GET / HT")], ["client undecodable: ended inside an HTTP head (8)"]],
    ["a body cut short", [text("client", "PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")], ["client PUT /", "client undecodable: ended inside an HTTP body (0)"]],
    ["a chunk size that is none", [text("client", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz")], ["client PUT /", "client undecodable: invalid chunked HTTP body (2)"]],
    ["two lengths", [text("client", "PUT / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\nabc")], ["client PUT /", "client undecodable: HTTP head with an invalid content-length (3)"]],
    ["another protocol", [["client", UPGRADE_REQUEST], text("gateway", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\nabc")], ["client GET /path?x=1", "gateway 101", "gateway undecodable: switched to h2c (3)"]],
    ["an upgrade never answered", [["client", UPGRADE_REQUEST], text("client", "abc")], ["client GET /path?x=1", "client undecodable: sent before the upgrade was answered (3)"]],
    ["a body until the end", [text("client", "GET / HTTP/1.0\r\n\r\n"), text("gateway", "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 500 not a head")], ["client GET /", "gateway 200"]],
    ["an endless head", [text("client", `GET / HTTP/1.1\r\nA: ${"a".repeat(300_000)}`)], ["client undecodable: HTTP head larger than 262144 bytes (300019)"]],
  ]; // prettier-ignore
  test.each(odd)("%s", async (_name, sent, expected) => {
    expect(gist(await decode(sent))).toEqual(expected);
  });
});

test("no bytes whatever make it throw, and both sides always come to an end", async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(new Uint8Array(UPGRADE_REQUEST)),
    fc.constant(new Uint8Array(upgradeResponse("Sec-WebSocket-Extensions: permessage-deflate"))),
    fc.constant(new Uint8Array(upgradeResponse())),
    fc
      .tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(15), fc.boolean(), fc.boolean(), fc.nat(7))
      .map(([payload, opcode, fin, masked, reserved]) =>
        Uint8Array.from(frame(payload, { opcode, fin, masked, reserved })),
      ),
  );
  const side = fc.constantFrom("client" as const, "gateway" as const);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(side, piece), { maxLength: 20 }), async (sent) => {
      const events = await decode(sent);
      for (const event of events) expect(event.atMs).toBeLessThanOrEqual(sent.length);
    }),
    { numRuns: 300 },
  );
});
