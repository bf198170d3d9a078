/** How one WebSocket frame is built (RFC 6455, section 5.2). */
export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly masked?: boolean;
  readonly reserved?: number;
}

/** The upgrade request of a plain client. */
export const UPGRADE_REQUEST = Buffer.from(
  "GET /path?x=1 HTTP/1.1\r\nHost: gateway.test:18789\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);

/** The answer that begins the WebSocket, with more header lines if wanted. */
export function upgradeResponse(...headerLines: readonly string[]): Buffer {
  const head = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    ...headerLines,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n`);
}

/** One frame as the Gateway sends it; masked, as a client does. */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, masked = false, reserved = 0 } = options;
  const body = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (body.length < 126) head.push(maskBit | body.length);
  else if (body.length < 65536) head.push(maskBit | 126, body.length >> 8, body.length & 255);
  else {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(body.length));
    head.push(maskBit | 127, ...size);
  }
  if (!masked) return Buffer.concat([Buffer.from(head), body]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return Buffer.concat([Buffer.from(head), mask, body]);
}

/** The body of a close frame. */
export function closeBody(code: number, reason = ""): Buffer {
  const body = Buffer.alloc(2);
  body.writeUInt16BE(code);
  return Buffer.concat([body, Buffer.from(reason)]);
}
