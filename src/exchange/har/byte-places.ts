import { Buffer } from "node:buffer";

/** Reads the bytes of a file from a place on, up to another where one is given; as often as wanted. */
export type ReadBytes = (start: number, end?: number) => AsyncIterable<Uint8Array>;

/** Where very many things are in a file, one after the other. */
export class BytePlaces {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  get length(): number {
    return this.#starts.length;
  }

  /** Adds what begins at one byte and ends before another. */
  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** The bytes of each in turn, as far as the file has them. */
  async *read(readBytes: ReadBytes): AsyncGenerator<Buffer, void, undefined> {
    let held: Buffer = Buffer.alloc(0);
    let heldFrom = this.#starts[0] ?? 0;
    let index = 0;
    for await (const chunk of readBytes(heldFrom, this.#ends.at(-1) ?? 0)) {
      const more = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      held = held.length === 0 ? more : Buffer.concat([held, more]);
      for (; index < this.#starts.length; index++) {
        const start = (this.#starts[index] ?? 0) - heldFrom;
        const end = (this.#ends[index] ?? 0) - heldFrom;
        if (end > held.length) break;
        yield held.subarray(start, end);
      }
      const next = Math.min((this.#starts[index] ?? Infinity) - heldFrom, held.length);
      held = held.subarray(next);
      heldFrom += next;
    }
  }
}
