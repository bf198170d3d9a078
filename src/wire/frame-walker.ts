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
const MAX_FRAME_HEAD_BYTES = 14;

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

/** Where a walk over bytes ends, if not with them. */
export type WalkGoal =
  /** Before the first frame that makes its message larger than allowed. */
  | "oversized"
  /** Where a message or control frame ends and no other has begun. */
  | "boundary"
  | "end";

/**
 * Follows what one side sends after the upgrade by the heads of its frames alone: where messages begin and end (RFC 6455,
 * section 5.4), and how many there are. It costs some nanoseconds a frame, and keeps nothing of what it sees but half a head.
 */
export class FrameWalker {
  readonly #from: Side;
  readonly #maxMessageBytes: number;
  readonly #head = new Uint8Array(MAX_FRAME_HEAD_BYTES);
  #headBytes = 0;
  #current: FrameHead | null = null;
  /** Bytes of the current frame that are still to come. */
  #frameLeft = 0;
  #messageBytes = 0;
  #isFragmented = false;
  #isOversized = false;
  #isLost = false;
  #ended = 0;

  constructor(from: Side, maxMessageBytes: number) {
    this.#from = from;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** True when no message is under way. */
  get isBetween(): boolean {
    return this.#current === null && this.#headBytes === 0 && !this.#isFragmented && !this.#isLost;
  }

  /** True while the message under way is larger than allowed. */
  get isOversized(): boolean {
    return this.#isOversized;
  }

  /** True after a frame that no peer may send: where the next begins, nobody can know. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The payload of the message under way as far as its frames' heads announce it; 0 between messages. */
  get messageBytes(): number {
    return this.#messageBytes;
  }

  /** How many messages and control frames ended since this was last asked. */
  takeEnded(): number {
    const ended = this.#ended;
    this.#ended = 0;
    return ended;
  }

  /** Walks on from `offset`; says how far it came. */
  walk(bytes: Uint8Array, offset: number, goal: WalkGoal): number {
    let at = offset;
    while (at < bytes.length && !this.#isLost) {
      if (this.#current === null) {
        if (goal === "boundary" && this.isBetween) return at;
        at = this.#begin(bytes, at);
        if (this.#isOversized && goal === "oversized") return at;
        if (this.#current === null) continue;
      }
      const step = Math.min(this.#frameLeft, bytes.length - at);
      this.#frameLeft -= step;
      at += step;
      if (this.#frameLeft === 0) this.#endFrame();
    }
    return this.#isLost ? bytes.length : at;
  }

  /** Reads a head, if it is whole. A whole head stays where it is: it is walked over with its frame. */
  #begin(bytes: Uint8Array, at: number): number {
    const kept = this.#headBytes;
    if (kept === 0) {
      const head = readFrameHead(bytes, this.#from, at);
      if (head !== null) {
        this.#enter(head, 0);
        return at;
      }
    }
    const part = bytes.subarray(at, at + MAX_FRAME_HEAD_BYTES - kept);
    this.#head.set(part, kept);
    const head = readFrameHead(this.#head.subarray(0, kept + part.length), this.#from);
    if (head !== null) {
      this.#headBytes = 0;
      this.#enter(head, kept);
      return at;
    }
    this.#headBytes = kept + part.length;
    return at + part.length;
  }

  #enter(head: FrameHead, seenBytes: number): void {
    if (head.isBroken) {
      this.#isLost = true;
      return;
    }
    this.#current = head;
    this.#frameLeft = head.sizeBytes - seenBytes;
    if (head.opcode >= 8) return;
    this.#messageBytes += head.payloadBytes;
    this.#isOversized ||= this.#messageBytes > this.#maxMessageBytes;
  }

  #endFrame(): void {
    const head = this.#current;
    this.#current = null;
    if (head === null) return;
    const isControl = head.opcode >= 8;
    if (isControl || head.isFinal) this.#ended += 1;
    if (isControl) return;
    this.#isFragmented = !head.isFinal;
    if (!head.isFinal) return;
    this.#messageBytes = 0;
    this.#isOversized = false;
  }
}
