import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { portOf, startRecordingTap, until } from "./harness.ts";
import type { PerMessageDeflateOptions, RawData } from "ws";
import type { Entry } from "../../src/recording/entry.ts";
import type { Side } from "../../src/wire/message.ts";

type Line = string;

/** What the two ends say that they received, each as `<sender> <message>`. */
function instrument(socket: WebSocket, sender: Side, lines: Line[]): void {
  socket.on("message", (data: RawData, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    lines.push(`${sender} ${isBinary ? bytes.toString("hex") : bytes.toString()}`);
  });
  socket.on("ping", (data: Buffer) => lines.push(`${sender} ping ${data.toString()}`));
  socket.on("pong", (data: Buffer) => lines.push(`${sender} pong ${data.toString()}`));
  socket.on("close", (code: number, reason: Buffer) =>
    lines.push(`${sender} close ${code} ${reason.toString()}`),
  );
}

function recordedFrom(entries: readonly Entry[], side: Side): Line[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== "message" || entry.from !== side) return [];
    const { message } = entry;
    if (message.type === "text") return [`${side} ${message.text}`];
    if (message.type === "close") return [`${side} close ${message.code} ${message.reason}`];
    const bytes = Buffer.from(message.bytes);
    return message.type === "binary"
      ? [`${side} ${bytes.toString("hex")}`]
      : [`${side} ${message.type} ${bytes.toString()}`];
  });
}

const cases: readonly (readonly [string, PerMessageDeflateOptions | false])[] = [
  ["no compression", false],
  ["compression with context takeover", { threshold: 0 }],
  [
    "compression without context takeover",
    { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  ],
];

describe.each(cases)("a ws client and server with %s", (_name, perMessageDeflate) => {
  test("received exactly what the recording holds, in order", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
    await once(server, "listening");
    const { tap, entries } = await startRecordingTap(portOf(server.address()));
    const atGateway: Line[] = [];
    const atClient: Line[] = [];
    server.on("connection", (socket) => {
      instrument(socket, "client", atGateway);
      socket.on("message", (data: RawData, isBinary) => {
        socket.ping(`seen ${atGateway.length}`);
        socket.send(data, { binary: isBinary });
      });
    });
    const client = new WebSocket(`ws://${tap.address}`, { perMessageDeflate });
    instrument(client, "gateway", atClient);
    await once(client, "open");
    for (let turn = 0; turn < 40; turn++) {
      if (turn % 5 === 0) client.ping(`ping ${turn}`);
      if (turn % 7 === 0) client.send(Buffer.alloc(turn * 1000, turn));
      else client.send(JSON.stringify({ turn, text: "words ".repeat(turn * turn) }));
    }
    client.send("in two ", { fin: false });
    client.send("pieces", { fin: true });
    await until(() => atClient.includes("gateway in two pieces"));
    client.close(1000, "enough");
    await once(client, "close");
    await until(() => entries.at(-1)?.kind === "closed");
    await until(() => atGateway.includes("client close 1000 enough"));
    expect(recordedFrom(entries, "client")).toEqual(atGateway);
    expect(recordedFrom(entries, "gateway")).toEqual(atClient);
    expect(atGateway.length).toBeGreaterThan(80);
    expect(entries.map(({ entry }) => entry)).toEqual(entries.map((_entry, i) => i + 1));
    await tap.close();
    server.close();
  });
});
