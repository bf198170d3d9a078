const BYTES = [0, 1, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x5b, 0x5c, 0x7b, 0x7d, 0x7e, 0x7f, 0x80, 0xff];
const NUMBERS = [0, 1, 125, 126, 127, 255, 256, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

/** Changes inputs at random: bits, bytes, numbers, pieces doubled, moved, cut out, or taken from other inputs and from `words`. */
export class Mutator {
  readonly #random: () => number;
  readonly #words: readonly Buffer[];
  readonly #maxBytes: number;

  /** Nothing grows beyond `maxBytes`: what is large takes long, and shows little more. */
  constructor(random: () => number, words: readonly string[], maxBytes: number) {
    this.#random = random;
    this.#maxBytes = maxBytes;
    this.#words = words.map((word) => Buffer.from(word));
  }

  /** One of the inputs, changed in a few places. */
  mutate(inputs: readonly Buffer[]): Buffer {
    let bytes: Buffer = this.#pick(inputs);
    const changes = 1 + Math.floor(this.#random() ** 3 * 12);
    for (let i = 0; i < changes; i++) bytes = this.#change(bytes, inputs);
    return bytes.subarray(0, this.#maxBytes);
  }

  #change(bytes: Buffer, inputs: readonly Buffer[]): Buffer {
    const at = this.#below(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + Math.floor(this.#random() ** 4 * bytes.length));
    switch (this.#below(9)) {
      case 0:
        return replace(bytes, at, end, Buffer.alloc(0));
      case 1:
        return replace(bytes, at, at, bytes.subarray(at, end));
      case 2:
        return replace(bytes, at, at, this.#pick(this.#words));
      case 3:
        return replace(bytes, at, end, this.#pick(this.#words));
      case 4:
        return replace(bytes, at, at + 1, Buffer.of(this.#pick(BYTES)));
      case 5:
        return replace(bytes, at, at + 1, Buffer.of((bytes[at] ?? 0) ^ (1 << this.#below(8))));
      case 6:
        return replace(bytes, at, at + 4, this.#number());
      case 7:
        return bytes.subarray(0, at);
      default: {
        const other = this.#pick(inputs);
        const from = this.#below(other.length + 1);
        return replace(bytes, at, end, other.subarray(from, from + this.#below(200)));
      }
    }
  }

  #number(): Buffer {
    const number = Buffer.alloc(4);
    const value = this.#pick(NUMBERS);
    if (this.#random() < 0.5) number.writeUInt32LE(value);
    else number.writeUInt32BE(value);
    return number.subarray(0, this.#pick([1, 2, 4]));
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function replace(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}
