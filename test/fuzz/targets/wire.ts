import { isDeepStrictEqual } from "node:util";
import { deflateRawSync } from "node:zlib";
import type { WireEvent } from "../../../src/wire/event.ts";
import type { Side } from "../../../src/wire/message.ts";
import { cut, decode, timeless, type Sent } from "../../wire/events.ts";
import { closeBody, frame, UPGRADE_REQUEST, upgradeResponse } from "../../wire/frames.ts";
import type { FuzzTarget } from "../target.ts";

const MAX_MESSAGE_BYTES = 32 * 1024;

/** Bytes of which the first two say how many of the others are the client's. */
export function pack(client: readonly Uint8Array[], gateway: readonly Uint8Array[]): Buffer {
  const own = Buffer.concat(client);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(own.length);
  return Buffer.concat([head, own, ...gateway]);
}

/** What each side sends, of what `pack` made. */
export function unpack(input: Buffer): { readonly client: Buffer; readonly gateway: Buffer } {
  const clientBytes = input.length < 2 ? 0 : input.readUInt16BE();
  return { client: input.subarray(2, 2 + clientBytes), gateway: input.subarray(2 + clientBytes) };
}

const DEFLATED = deflateRawSync(Buffer.from("hello ".repeat(40))).subarray(0, -4);

/** The decoder of a connection: whatever comes, in whatever pieces, it never throws and always says the same. */
export const wire: FuzzTarget = {
  name: "wire decoder",
  oneIn: 3,
  words: [
    "\r\n",
    "\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8\r\n",
    "ffffffffffffffff\r\n",
    "GET / HTTP/1.1\r\n",
    "\u0000",
    "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
  ],
  inputs: () => [
    pack(
      [UPGRADE_REQUEST, frame("hello", { masked: true }), frame(closeBody(1000), { opcode: 8 })],
      [upgradeResponse(), frame("a", { fin: false }), frame("", { opcode: 9 }), frame("b", { opcode: 0 })],
    ),
    pack(
      [UPGRADE_REQUEST, frame(DEFLATED, { masked: true, reserved: 4 })],
      [
        upgradeResponse("Sec-WebSocket-Extensions: permessage-deflate"),
        frame(DEFLATED, { reserved: 4 }),
        frame(closeBody(1008, "pairing required"), { opcode: 8 }),
      ],
    ),
    pack(
      [
        Buffer.from("POST /tools/invoke HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"),
        Buffer.from("HEAD /health HTTP/1.1\r\n\r\n"),
        UPGRADE_REQUEST,
      ],
      [
        Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        Buffer.from("HTTP/1.1 204 No Content\r\n\r\n"),
        Buffer.from("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
      ],
    ),
  ], // prettier-ignore
  async run(input) {
    const { client, gateway } = unpack(input);
    const sent: readonly Sent[] = [
      ["client", client],
      ["gateway", gateway],
    ];
    const options = { maxMessageBytes: MAX_MESSAGE_BYTES };
    const whole = await decode(sent, options);
    const inPieces = await decode(cut(sent, [1, 2, 5, 3, 100, 7, 30]), options);
    for (const side of ["client", "gateway"] as const) {
      const [once, often] = [comparable(whole, side), comparable(inPieces, side)];
      if (!isDeepStrictEqual(once, often))
        throw new Error(`${JSON.stringify(once)} is in pieces ${JSON.stringify(often)}`);
    }
    return whole.map((event) => behaviourOf(event)).join();
  },
};

/** What one side sent. How much of what cannot be decoded is told at once depends on the pieces; how much it is does not. */
function comparable(events: readonly WireEvent[], side: Side): readonly object[] {
  const own = events.filter((event) => sideOf(event) === side);
  const lost = own.filter((event) => event.kind === "undecodable");
  const sizeBytes = lost.reduce((sum, event) => sum + event.sizeBytes, 0);
  const understood = own.filter((event) => event.kind !== "undecodable");
  return [...timeless(understood), { reason: lost[0]?.reason ?? null, sizeBytes }];
}

function sideOf(event: WireEvent): Side {
  if (event.kind === "http-request") return "client";
  return event.kind === "http-response" ? "gateway" : event.from;
}

function behaviourOf(event: WireEvent): string {
  if (event.kind === "message") return `${event.from[0]}${event.message.type}`;
  if (event.kind === "undecodable") return `${event.from[0]}:${event.reason.replaceAll(/\d+/g, "#")}`;
  return event.kind;
} // prettier-ignore
