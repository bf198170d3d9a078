// Writes WebSocket traffic as the packets of a capture on loopback, for programs that read pcapng.

const LINKTYPE_RAW_IPV4 = 228;

function block(type, body) {
  const padded = Buffer.alloc(Math.ceil(body.length / 4) * 4);
  body.copy(padded);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(padded.length + 12, 0);
  size.copy(head, 4);
  return Buffer.concat([head, padded, size]);
}

/** What stands at the head of the file: one section, one interface of raw IPv4 packets with times in microseconds. */
export function pcapngHead() {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.fill(0xff, 8);
  const device = Buffer.alloc(8);
  device.writeUInt16LE(LINKTYPE_RAW_IPV4, 0);
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, device)]);
}

/** One TCP connection between two ports of 127.0.0.1. Each call gives the bytes of packets. */
export class TcpConversation {
  #ports;
  #next = { client: 1, gateway: 1 };

  constructor(clientPort, gatewayPort) {
    this.#ports = { client: clientPort, gateway: gatewayPort };
  }

  open(wallMs) {
    const syn = this.#packet("client", 0x02, Buffer.alloc(0), wallMs);
    this.#next.client += 1;
    const answer = this.#packet("gateway", 0x12, Buffer.alloc(0), wallMs);
    this.#next.gateway += 1;
    const request =
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    return Buffer.concat([
      syn,
      answer,
      this.say("client", Buffer.from(request), wallMs),
      this.say("gateway", Buffer.from(response), wallMs),
    ]);
  }

  /** A text message; the client's is masked, as RFC 6455 asks (with a key of zeros, so that it costs nothing here). */
  text(from, payload, wallMs) {
    const { length } = payload;
    const head = length < 126 ? Buffer.alloc(2) : Buffer.alloc(length < 65_536 ? 4 : 10);
    head[0] = 0x81;
    if (length < 126) head[1] = length;
    else if (length < 65_536) {
      head[1] = 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    if (from === "gateway") return this.say(from, Buffer.concat([head, payload]), wallMs);
    head[1] |= 0x80;
    return this.say(from, Buffer.concat([head, Buffer.alloc(4), payload]), wallMs);
  }

  say(from, bytes, wallMs) {
    const packet = this.#packet(from, 0x18, bytes, wallMs);
    this.#next[from] = (this.#next[from] + bytes.length) >>> 0;
    return packet;
  }

  #packet(from, flags, payload, wallMs) {
    const to = from === "client" ? "gateway" : "client";
    const packet = Buffer.alloc(40 + payload.length);
    packet[0] = 0x45;
    packet.writeUInt16BE(packet.length, 2);
    packet[8] = 64;
    packet[9] = 6;
    packet.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
    packet.writeUInt16BE(this.#ports[from], 20);
    packet.writeUInt16BE(this.#ports[to], 22);
    packet.writeUInt32BE(this.#next[from], 24);
    packet.writeUInt32BE(flags === 0x02 ? 0 : this.#next[to], 28);
    packet[32] = 0x50;
    packet[33] = flags;
    packet.writeUInt16BE(65_535, 34);
    payload.copy(packet, 40);
    const micros = BigInt(Math.round(wallMs * 1000));
    const head = Buffer.alloc(20);
    head.writeUInt32LE(Number(micros >> 32n), 4);
    head.writeUInt32LE(Number(micros & 0xffffffffn), 8);
    head.writeUInt32LE(packet.length, 12);
    head.writeUInt32LE(packet.length, 16);
    return block(6, Buffer.concat([head, packet]));
  }
}
