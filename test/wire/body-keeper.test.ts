import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { BodyRoom } from "../../src/wire/body-keeper.ts";
import { cut, decode, gist } from "./events.ts";
import { UPGRADE_REQUEST, upgradeResponse } from "./frames.ts";
import type { Sent } from "./events.ts";

const text = (side: "client" | "gateway", value: string): Sent => [side, Buffer.from(value)];
const MEBIBYTE = 1024 * 1024;

function coded(coding: string, bytes: Uint8Array): readonly Sent[] {
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return [
    text("client", "GET / HTTP/1.1\r\n\r\n"),
    ["gateway", Buffer.concat([Buffer.from(head), bytes])],
  ];
}

async function bodies(
  sent: readonly Sent[],
  room = new BodyRoom(10 * MEBIBYTE),
): Promise<string[]> {
  return gist(await decode(sent, { bodyRoom: room })).filter((line) => /^\S+ body /.test(line));
}

describe("HTTP bodies", () => {
  test.each([[0], [1], [7]])("are kept without their framing, in pieces of %i", async (size) => {
    const sent = cut(
      [
        text("client", "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
        text("gateway", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nwhole\r\n4\r\n one\r\n0\r\nT: v\r\n\r\n"),
        text("client", "GET /b HTTP/1.1\r\n\r\n"),
        text("gateway", "HTTP/1.1 200 OK\r\n\r\nto the very end"),
      ],
      [size],
    ); // prettier-ignore
    expect(gist(await decode(sent, { bodyRoom: new BodyRoom(MEBIBYTE) }))).toEqual([
      "client POST /a",
      "client body text hello (5)",
      "gateway 200",
      "gateway body text whole one (9)",
      "client GET /b",
      "gateway 200",
      "gateway body text to the very end (15)",
    ]);
  });

  test.each([
    ["gzip", gzipSync("packed"), "text packed"],
    ["deflate", deflateSync("packed"), "text packed"],
    ["br", brotliCompressSync("packed"), "text packed"],
    ["identity", Buffer.from("plain"), "text plain"],
    ["gzip, br", brotliCompressSync(gzipSync("twice")), "text twice"],
    ["identity", Uint8Array.of(255, 0), "binary ÿ\u0000"],
    ["zstd", Buffer.from("?"), "cannot undo its content-encoding zstd"],
    ["constructor", Buffer.from("?"), "cannot undo its content-encoding constructor"],
    ["gzip", Buffer.from("not gzip"), "cannot undo its content-encoding gzip"],
    ["gzip", gzipSync(Buffer.alloc(2 * MEBIBYTE)), "cannot undo its content-encoding gzip"],
  ])("coded as %s", async (coding, bytes, expected) => {
    expect(await bodies(coded(coding, bytes))).toEqual([
      `gateway body ${expected} (${bytes.length})`,
    ]);
  });

  test("too large, too many, or cut short: nothing is kept, and the room comes back", async () => {
    const room = new BodyRoom(MEBIBYTE);
    const large = MEBIBYTE + 1;
    const put = (size: number, sent: number): Sent[] => [
      text("client", `PUT / HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`),
      ["client", Buffer.alloc(sent, "x")],
    ];
    expect(await bodies(put(large, large), room)).toEqual([
      `client body larger than 1048576 bytes (${large})`,
    ]);
    expect(await bodies(put(10, 4), room)).toEqual(["client body cut short (4)"]);
    expect(await bodies(put(10, 10), new BodyRoom(9))).toEqual([
      "client body too many bodies at once (10)",
    ]);
    expect(await bodies(put(MEBIBYTE, MEBIBYTE), room)).toEqual([
      `client body text ${"x".repeat(MEBIBYTE)} (${MEBIBYTE})`,
    ]);
    expect(room.take(MEBIBYTE)).toBe(true);
  });

  test("of a refused upgrade is kept, the WebSocket is none", async () => {
    const refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
    const sent: Sent[] = [
      ["client", UPGRADE_REQUEST],
      text("gateway", refusal),
      ["client", UPGRADE_REQUEST],
      ["gateway", upgradeResponse()],
    ];
    expect(await bodies(sent)).toEqual(["gateway body text no (2)"]);
  });
});
