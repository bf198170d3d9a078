import type { BlockRef, Scanned } from "./find-blocks.ts";
import { BLOCK_HEADER_BYTES } from "./format.ts";

/** More lines than this nobody reads; the rest is counted. */
const MAX_LINES = 50;

/** What a recording misses, in plain words, each thing said once. */
export class Missing {
  readonly #lines = new Set<string>();
  #more = 0;

  get lines(): readonly string[] {
    const lines = [...this.#lines];
    return this.#more === 0 ? lines : [...lines, `and ${this.#more} more such places`];
  }

  add(line: string): void {
    if (this.#lines.has(line)) return;
    if (this.#lines.size < MAX_LINES) this.#lines.add(line);
    else this.#more += 1;
  }
}

/** Says which entries, as in "entry 4 is" or "entries 4-6 are". */
export function describeEntries(first: number, count: number): string {
  return count === 1 ? `entry ${first} is` : `entries ${first}-${first + count - 1} are`;
}

/** An entries block, and its index where there is one. */
export interface EntriesBlock extends BlockRef {
  readonly outlines: BlockRef | null;
}

/** The entries blocks of a recording in order, and what is missing between them. */
export class BlockTable {
  readonly #missing: Missing;
  readonly #blocks: EntriesBlock[] = [];
  #entryCount = 0;
  #lastEntry = 0;
  #damagedAt: number | null = null;
  #endOffset: number | null = null;
  #tail = { offset: 0, sizeBytes: 0 };

  constructor(missing: Missing, offset: number) {
    this.#missing = missing;
    this.#tail = { offset, sizeBytes: 0 };
  }

  get blocks(): readonly EntriesBlock[] {
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
    if (header.type === "outlines") this.#addOutlines(scanned.block);
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
      this.#missing.add(`${entries} missing: a gap says why`);
    } else if (hole > 0) this.#missing.add(`${entries} missing before byte ${block.offset}`);
    this.#blocks.push({ ...block, outlines: null });
    this.#entryCount += entryCount;
    this.#lastEntry = firstEntry + entryCount - 1;
  }

  /** An index that does not follow its block is none. */
  #addOutlines(outlines: BlockRef): void {
    const last = this.#blocks.at(-1);
    const { firstEntry, entryCount } = outlines.header;
    if (last?.header.firstEntry !== firstEntry || last.header.entryCount !== entryCount) return;
    this.#blocks[this.#blocks.length - 1] = { ...last, outlines };
  }

  #tellDamage(lost: string): void {
    if (this.#damagedAt === null) return;
    const what = lost === "" ? "no entry after it is lost" : lost;
    this.#missing.add(`block at byte ${this.#damagedAt} is damaged: ${what}`);
    this.#damagedAt = null;
  }
}
