/** Items in one piece of memory: growing, a column copies nothing, and what it holds is no work for the garbage collector. */
const ITEMS_A_CHUNK = 4096;

/** Very many numbers, added one by one. */
export class NumberColumn {
  readonly #chunks: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a number at the end; says where it is. */
  push(value: number): number {
    const index = this.#length++;
    if (index % ITEMS_A_CHUNK === 0) this.#chunks.push(new Float64Array(ITEMS_A_CHUNK));
    const chunk = this.#chunks.at(-1);
    if (chunk !== undefined) chunk[index % ITEMS_A_CHUNK] = value;
    return index;
  }

  at(index: number): number | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#chunks[Math.floor(index / ITEMS_A_CHUNK)]?.[index % ITEMS_A_CHUNK];
  }
}

/** Very many digests, added one by one. */
export class DigestColumn {
  readonly #sizeBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** Keeps so many bytes of each. */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** Adds a digest, in hexadecimal, at the end. */
  push(digest: string): void {
    const at = (this.#length++ % ITEMS_A_CHUNK) * this.#sizeBytes;
    if (at === 0) this.#chunks.push(Buffer.alloc(ITEMS_A_CHUNK * this.#sizeBytes));
    this.#chunks.at(-1)?.write(digest, at, this.#sizeBytes, "hex");
  }

  at(index: number): Buffer | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const at = (index % ITEMS_A_CHUNK) * this.#sizeBytes;
    const chunk = this.#chunks[Math.floor(index / ITEMS_A_CHUNK)];
    return chunk?.subarray(at, at + this.#sizeBytes);
  }
}
