import type { Side } from "./message.ts";

/** What the first bytes of a WebSocket frame say about it (RFC 6455, section 5.2). */
export interface FrameHead {
  /** The whole frame: head, mask and payload. */
  readonly sizeBytes: number;
  readonly payloadBytes: number;
  readonly opcode: number;
  /** True for the last or only frame of a message, and for control frames. */
  readonly isFinal: boolean;
  /** True when an extension changed the payload (RFC 7692, section 6). */
  readonly isCompressed: boolean;
  /** True when no peer may send such a frame, so that waiting for the rest of it is in vain. */
  readonly isBroken: boolean;
}

/** The longest head there is: 2 bytes, 8 of length, 4 of mask. */
export const MAX_FRAME_HEAD_BYTES = 14;

/** Reads the head of the frame that begins at `offset`; null when more bytes are needed. */
export function readFrameHead(bytes: Uint8Array, from: Side, offset = 0): FrameHead | null {
  const first = bytes[offset];
  const second = bytes[offset + 1];
  if (first === undefined || second === undefined) return null;
  const shortLength = second & 0x7f;
  const lengthBytes = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0;
  const isMasked = (second & 0x80) !== 0;
  const headBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length - offset < headBytes) return null;
  const payloadBytes = lengthBytes === 0 ? shortLength : readLength(bytes, offset + 2, lengthBytes);
  const opcode = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  const isControl = opcode >= 8;
  return {
    sizeBytes: headBytes + payloadBytes,
    payloadBytes,
    opcode,
    isFinal,
    isCompressed: (first & 0x40) !== 0,
    isBroken:
      (first & 0x30) !== 0 ||
      (opcode & 7) > 2 ||
      isMasked !== (from === "client") ||
      (isControl && (!isFinal || payloadBytes > 125)),
  };
}

function readLength(bytes: Uint8Array, offset: number, lengthBytes: number): number {
  let length = 0;
  for (let at = offset; at < offset + lengthBytes; at++) length = length * 256 + (bytes[at] ?? 0);
  return length;
}
