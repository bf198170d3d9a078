import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { cut, decode, gist } from "./events.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "./frames.ts";
import type { AddressInfo } from "node:net";
import type { PerMessageDeflateOptions } from "ws";
import type { Sent } from "./events.ts";

const payload = (turn: number): string =>
  JSON.stringify({ turn, text: "the same words again and again ".repeat(turn * 4) });

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}

/** What a real client and a real server that compress send each other, as it crossed the wire. */
async function talk(deflate: PerMessageDeflateOptions): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: deflate });
  await once(server, "listening");
  const port = portOf(server.address());
  const relay = createServer((client) => {
    const gateway = connect(port, "127.0.0.1");
    client.on("data", (bytes) => sent.push(["client", Uint8Array.from(bytes)]));
    gateway.on("data", (bytes) => sent.push(["gateway", Uint8Array.from(bytes)]));
    client.pipe(gateway).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const relayPort = portOf(relay.address());
  server.on("connection", (socket) =>
    socket.on("message", (data: Buffer) => socket.send(`echo ${data.toString()}`)),
  );
  const client = new WebSocket(`ws://127.0.0.1:${relayPort}`, { perMessageDeflate: deflate });
  await once(client, "open");
  for (let turn = 1; turn <= 4; turn++) {
    const text = payload(turn);
    client.send(text.slice(0, 20), { fin: false });
    client.ping(`between ${turn}`);
    client.send(text.slice(20), { fin: true });
    await once(client, "message");
  }
  client.close(1000, "done");
  await once(client, "close");
  relay.close();
  server.close();
  return sent;
}

describe.each([
  ["with context takeover", {}],
  ["without context takeover", { serverNoContextTakeover: true, clientNoContextTakeover: true }],
  ["with context takeover by the client only", { serverNoContextTakeover: true }],
  ["with small windows", { serverMaxWindowBits: 9, clientMaxWindowBits: 10 }],
])("permessage-deflate %s", (_name, deflate) => {
  test("is inflated in order, however the bytes are cut", async () => {
    const sent = await talk({ threshold: 0, ...deflate });
    const bytesSent = sent.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const textBytes = [1, 2, 3, 4].reduce((sum, turn) => sum + 2 * payload(turn).length, 0);
    expect(bytesSent).toBeLessThan(textBytes);
    const expected = [1, 2, 3, 4].flatMap((turn) => [
      `client ping between ${turn}`,
      `client text ${payload(turn)}`,
      `gateway text echo ${payload(turn)}`,
    ]);
    for (const sizes of [[0], [1], [5, 50, 7]]) {
      const events = gist(await decode(cut(sent, sizes)));
      expect(events.slice(0, 2)).toEqual(["client GET /", "gateway 101"]);
      expect(events.slice(2).filter((line) => !line.includes(" pong "))).toEqual([
        ...expected,
        "client close 1000 done",
        "gateway close 1000 done",
      ]);
    }
  });
});

describe("permessage-deflate gone wrong", () => {
  const agreed = (parameters: string): readonly Sent[] => [
    ["client", UPGRADE_REQUEST],
    ["gateway", upgradeResponse(`Sec-WebSocket-Extensions: permessage-deflate${parameters}`)],
  ];
  const compressed = (bytes: Uint8Array): Sent => ["gateway", frame(bytes, { reserved: 4 })];

  test("bytes that do not inflate end that side only", async () => {
    const events = gist(
      await decode([
        ...agreed(""),
        compressed(Buffer.from("ffffffff", "hex")),
        ["client", frame("fine", { masked: true })],
      ]),
    );
    expect(events[2]).toMatch(/^gateway undecodable: cannot inflate: .* \(6\)$/);
    expect(events[3]).toBe("client text fine");
  });

  test("a small frame that inflates beyond the limit is refused", async () => {
    const { deflateRawSync, constants } = await import("node:zlib");
    const bomb = deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
    const events = gist(
      await decode([...agreed(""), compressed(bomb.subarray(0, -4))], { maxMessageBytes: 10_000 }),
    );
    expect(events[2]).toMatch(/^gateway undecodable: message larger than 10000 bytes/);
  });

  test("small frames that inflate to more than a hundred times what came are counted and not read", async () => {
    const { deflateRawSync, constants } = await import("node:zlib");
    const deflated = (text: string): Sent => {
      const bytes = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
      return compressed(bytes.subarray(0, -4));
    };
    const bomb = deflated("0".repeat(1_500_000));
    const bombs = Array.from({ length: 500 }, () => bomb);
    const agreedOn = agreed("; server_no_context_takeover");
    const sizes: number[] = [];
    const events = await decode([...agreedOn, deflated("tame"), ...bombs]);
    for (const event of events) if (event.kind === "message") sizes.push(event.sizeBytes);
    expect(sizes).toEqual([4]);
    const told = events.filter(({ kind }) => kind === "undecodable");
    expect(told).toMatchObject([
      { reason: "inflates to more than 100 times its size", sizeBytes: bomb[1].length },
      { sizeBytes: 499 * bomb[1].length },
    ]);
    // What deflates well, as JSON does, is read to its end.
    const rows = JSON.stringify(Array.from({ length: 40_000 }, (_, row) => ({ row, ok: true })));
    const tame = await decode([...agreedOn, ...Array.from({ length: 5 }, () => deflated(rows))]);
    expect(tame.filter(({ kind }) => kind === "message")).toHaveLength(5);
  });

  test("parameters that nobody knows make both sides opaque", async () => {
    const events = gist(
      await decode([...agreed("; what=1"), ["client", frame("x", { masked: true })]]),
    );
    expect(events[2]).toBe(
      "client undecodable: permessage-deflate with parameters outside RFC 7692 (7)",
    );
  });
});
