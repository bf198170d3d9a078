import type { Entry } from "./entry.ts";

/** Decoded blocks kept, by number and by size. */
const MAX_BLOCKS = 16;
const MAX_BYTES = 64 * 1024 * 1024;

interface KeptBlock {
  readonly offset: number;
  readonly inflatedBytes: number;
  readonly entries: Promise<readonly Entry[]>;
}

/**
 * The blocks that were decoded last, for who comes back to them. A list, since a Map throws its tables away as blocks come and go: one
 * that has grown old holds on to blocks long gone until the next full collection.
 */
export class KeptBlocks {
  /** The one that was asked for last comes last. */
  readonly #kept: KeptBlock[] = [];
  #bytes = 0;

  /** The entries of the block at that offset, decoded now unless they are kept. */
  load(
    offset: number,
    inflatedBytes: number,
    decode: () => Promise<readonly Entry[]>,
  ): Promise<readonly Entry[]> {
    const index = this.#kept.findLastIndex((block) => block.offset === offset);
    const [kept] = index < 0 ? [] : this.#kept.splice(index, 1);
    const block = kept ?? { offset, inflatedBytes, entries: decode() };
    this.#kept.push(block);
    if (kept === undefined) this.#bytes += inflatedBytes;
    while (this.#kept.length > 1 && this.#isTooMuch()) {
      this.#bytes -= this.#kept.shift()?.inflatedBytes ?? 0;
    }
    return block.entries;
  }

  #isTooMuch(): boolean {
    return this.#kept.length > MAX_BLOCKS || this.#bytes > MAX_BYTES;
  }
}
