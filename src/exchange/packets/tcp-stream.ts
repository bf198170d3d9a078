import { Buffer } from "node:buffer";
import type { Segment } from "./tcp-segment.ts";

/** What came late is waited for; when so much came after it, it is taken for lost by the capture. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Puts the bytes of one side of a TCP connection in order (RFC 9293, section 3.4): repeated ones once, late ones in their place. */
export class TcpStream {
  #next: number | null = null;
  #waiting: Segment[] = [];
  /** Where the side's data ends, once it said so. */
  #end: number | null = null;
  #lostBytes = 0;

  /** How many bytes are missing where the stream broke off; zero while it did not. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** Takes a segment; returns the bytes that are in order now. */
  take(segment: Segment): readonly Buffer[] {
    if (segment.syn) this.#next = (segment.sequence + 1) >>> 0;
    if (segment.fin) this.#end = (segment.sequence + segment.payloadBytes) >>> 0;
    if (segment.payloadBytes === 0 || this.#lostBytes > 0) return [];
    this.#next ??= segment.sequence;
    this.#waiting.push(segment);
    const pieces = this.#collect();
    const waitingBytes = this.#waiting.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
    if (waitingBytes > MAX_WAITING_BYTES) this.giveUp();
    return pieces;
  }

  /** Nothing more comes: what is still waited for is lost. */
  giveUp(): void {
    if (this.#lostBytes > 0) return;
    let lostBytes = this.#end === null ? Infinity : this.#ahead(this.#end);
    for (const { sequence } of this.#waiting)
      lostBytes = Math.min(lostBytes, this.#ahead(sequence));
    if (lostBytes !== Infinity) this.#lostBytes = Math.max(0, lostBytes);
    this.#waiting = [];
  }

  #collect(): readonly Buffer[] {
    const pieces: Buffer[] = [];
    for (;;) {
      const index = this.#waiting.findIndex((segment) => this.#ahead(segment.sequence) <= 0);
      const [segment] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (segment === undefined) return pieces;
      const known = -this.#ahead(segment.sequence);
      if (known >= segment.payloadBytes) continue;
      // A copy, since the decoder unmasks what it is given in place.
      const piece = Buffer.from(segment.payload.subarray(known));
      pieces.push(piece);
      this.#next = ((this.#next ?? 0) + piece.length) >>> 0;
      const cutBytes = segment.payloadBytes - known - piece.length;
      if (cutBytes === 0) continue;
      this.#lostBytes += cutBytes;
      this.#waiting = [];
      return pieces;
    }
  }

  /** How far after what is known; sequence numbers wrap. */
  #ahead(sequence: number): number {
    return (sequence - (this.#next ?? sequence)) | 0;
  }
}
