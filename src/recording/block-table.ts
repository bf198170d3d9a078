import type { BlockRef, Scanned } from "./block-scan.ts";
import { BLOCK_HEADER_BYTES } from "./format.ts";
import { describeEntries } from "./missing.ts";
import type { Missing } from "./missing.ts";

/** The entries blocks of a recording in order, and what is missing between them. */
export class BlockTable {
  readonly #missing: Missing;
  readonly #blocks: BlockRef[] = [];
  #entryCount = 0;
  #lastEntry = 0;
  #damagedAt: number | null = null;
  #endOffset: number | null = null;
  #tail = { offset: 0, sizeBytes: 0 };

  constructor(missing: Missing, offset: number) {
    this.#missing = missing;
    this.#tail = { offset, sizeBytes: 0 };
  }

  get blocks(): readonly BlockRef[] {
    return this.#blocks;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  /** Where the end block ends; null before one was seen. */
  get endOffset(): number | null {
    return this.#endOffset;
  }

  /** Bytes at the end that are no whole block, and where they begin. */
  get tail(): { readonly offset: number; readonly sizeBytes: number } {
    return this.#tail;
  }

  /** Takes up what a scan came across. */
  add(scanned: Scanned): void {
    if (scanned.found === "tail") {
      this.#tail = { offset: scanned.offset, sizeBytes: scanned.sizeBytes };
      return;
    }
    if (scanned.found === "damage") {
      this.#damagedAt ??= scanned.offset;
      return;
    }
    const { offset, header } = scanned.block;
    const nextOffset = offset + BLOCK_HEADER_BYTES + header.payloadBytes;
    this.#tail = { offset: nextOffset, sizeBytes: 0 };
    if (header.type === "end") this.#endOffset = nextOffset;
    if (header.type === "entries") this.#addEntries(scanned.block);
    // Only the next entries block, or the end, can tell what the damaged bytes held.
    if (header.type === "end") this.#tellDamage("");
  }

  /** Where in `blocks` the block is that holds an entry, or would; -1 when the entry is before them all. */
  indexOf(entry: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.header.firstEntry ?? 0) <= entry) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #addEntries(block: BlockRef): void {
    const { firstEntry, entryCount, startsWithGap } = block.header;
    const hole = firstEntry - this.#lastEntry - 1;
    if (hole < 0) {
      this.#missing.add(
        `block at byte ${block.offset} is out of order: its entries are not trusted`,
      );
      return;
    }
    const entries = describeEntries(this.#lastEntry + 1, hole);
    if (this.#damagedAt !== null) this.#tellDamage(hole === 0 ? "" : `${entries} lost`);
    else if (hole > 0 && startsWithGap) {
      this.#missing.add(`${entries} missing: the recorder could not write while they came`);
    } else if (hole > 0) this.#missing.add(`${entries} missing before byte ${block.offset}`);
    this.#blocks.push(block);
    this.#entryCount += entryCount;
    this.#lastEntry = firstEntry + entryCount - 1;
  }

  #tellDamage(lost: string): void {
    if (this.#damagedAt === null) return;
    const what = lost === "" ? "no entry after it is lost" : lost;
    this.#missing.add(`block at byte ${this.#damagedAt} is damaged: ${what}`);
    this.#damagedAt = null;
  }
}
