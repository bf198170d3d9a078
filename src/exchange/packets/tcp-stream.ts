import { Buffer } from "node:buffer";
import type { Segment } from "./tcp-segment.ts";

/** What came late is waited for; when so much came after it, it is taken for lost by the capture. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_WAITING_SEGMENTS = 200_000;

/** A segment that waits for what comes before it. */
interface Waiting {
  /** Where it begins, in bytes from the beginning of the stream. */
  readonly start: number;
  readonly segment: Segment;
}

/** Puts the bytes of one side of a TCP connection in order (RFC 9293, section 3.4): repeated ones once, late ones in their place. */
export class TcpStream {
  /** The sequence number at `#known`, once there is one. */
  #next: number | null = null;
  /** How many bytes are in order. */
  #known = 0;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Where the side's data ends, once it said so. */
  #end: number | null = null;
  #lostBytes = 0;

  /** How many bytes are missing where the stream broke off; zero while it did not. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** Takes a segment; returns the bytes that are in order now. */
  take(segment: Segment): readonly Buffer[] {
    if (segment.syn && this.#known === 0) this.#next = (segment.sequence + 1) >>> 0;
    if (segment.fin) this.#end = this.#startOf(segment) + segment.payloadBytes;
    if (segment.payloadBytes === 0 || this.#lostBytes > 0) return [];
    this.#next ??= segment.sequence;
    const start = this.#startOf(segment);
    if (start + segment.payloadBytes <= this.#known) return [];
    push(this.#waiting, { start, segment });
    this.#waitingBytes += segment.payloadBytes;
    const pieces = this.#collect();
    if (this.#waitingBytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_WAITING_SEGMENTS)
      this.giveUp();
    return pieces;
  }

  /** Nothing more comes: what is still waited for is lost. */
  giveUp(): void {
    if (this.#lostBytes > 0) return;
    const after = Math.min(this.#waiting[0]?.start ?? Infinity, this.#end ?? Infinity);
    if (after !== Infinity) this.#lose(after - this.#known);
  }

  #collect(): readonly Buffer[] {
    const pieces: Buffer[] = [];
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || first.start > this.#known) return pieces;
      pop(this.#waiting);
      const { payload, payloadBytes } = first.segment;
      this.#waitingBytes -= payloadBytes;
      const again = this.#known - first.start;
      if (again >= payloadBytes) continue;
      // A copy, since the decoder unmasks what it is given in place.
      const piece = Buffer.from(payload.subarray(again));
      pieces.push(piece);
      this.#known += piece.length;
      this.#next = ((this.#next ?? 0) + piece.length) >>> 0;
      const cutBytes = payloadBytes - again - piece.length;
      if (cutBytes === 0) continue;
      this.#lose(cutBytes);
      return pieces;
    }
  }

  #lose(sizeBytes: number): void {
    this.#lostBytes = Math.max(0, sizeBytes);
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  /** Sequence numbers wrap; the place in the stream does not. */
  #startOf({ sequence }: Segment): number {
    return this.#known + ((sequence - (this.#next ?? sequence)) | 0);
  }
}

/*
 * What waits is a binary heap, since very much of a capture may be out of order: what is at n begins before what is at 2n + 1 and 2n + 2.
 */

function push(heap: Waiting[], added: Waiting): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const other = heap[above];
    if (other === undefined || other.start <= added.start) break;
    heap[at] = other;
    at = above;
  }
  heap[at] = added;
}

function pop(heap: Waiting[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const isRight = right !== undefined && right.start < left.start;
    const next = isRight ? right : left;
    if (next.start >= last.start) break;
    heap[at] = next;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
