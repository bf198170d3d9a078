import {
  decodeBlock,
  decodeBlockEntries,
  decodeBlockSync,
  isIntact,
  type BlockContent,
} from "./block.ts";
import {
  describeEntries,
  type BlockTable,
  type EntriesBlock,
  type Missing,
} from "./block-table.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Entry, RecordingHeader } from "./entry.ts";
import { scanBlocks, type BlockRef } from "./find-blocks.ts";
import { BLOCK_HEADER_BYTES, type BlockHeader } from "./format.ts";
import { DeferredTexts, encodeOutlines, findOutlined } from "./outlines.ts";

/** Blocks read and inflated ahead of the one that is being iterated. Unpacking waits for its turn: it is not done by another thread. */
const BLOCKS_AHEAD = 2;
const MAX_AHEAD_BYTES = 16 * 1024 * 1024;

/** A recorder makes larger blocks of one entry only; what else such a block holds is given one by one. */
const MAX_SHARED_BYTES = 1024 * 1024;

/** Decoded blocks kept for who comes back to them, as a terminal does that shows one page after another: by number and by size. */
const MAX_KEPT_BLOCKS = 16;
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** How `blocks` reads. */
export interface ReadBlocks {
  /** Texts that few will ask for are left until then, where the recording has an index that stands for them. */
  readonly deferTexts?: boolean;
  /** The index is held against the texts; `missing` tells where it is not what they say. */
  readonly checkIndex?: boolean;
}

/** Gives the entries of a block that was read and inflated. */
type Unpack = () => readonly Entry[];

interface KeptBlock {
  readonly offset: number;
  readonly inflatedBytes: number;
  readonly entries: Promise<readonly Entry[]>;
}

/** What a reader is made of; reader.ts puts it together. */
export interface OpenedRecording {
  readonly header: RecordingHeader;
  readonly name: string;
  readonly path: string | null;
  readonly fileId: number;
  readonly source: ByteSource;
  readonly sizeBytes: number;
  readonly table: BlockTable;
  readonly missing: Missing;
  /** Called before anything more is made of the file: what it throws, who reads on gets. */
  readonly beforeMore: () => void;
}

/**
 * A recording being read. Damage never throws: what cannot be read is left out, and `missing` says so. Since only the entries asked
 * for are decoded, `missing` grows with reading; it is whole after `entries()` ran to the end.
 */
export class RecordingReader {
  readonly header: RecordingHeader;
  /** The file's name without folder and ending. */
  readonly name: string;
  /** Null when the recording came as bytes. */
  readonly path: string | null;
  readonly #fileId: number;
  readonly #source: ByteSource;
  readonly #table: BlockTable;
  readonly #missing: Missing;
  readonly #beforeMore: () => void;
  /** The one that was asked for last comes last. */
  #kept: readonly KeptBlock[] = [];
  #sizeBytes: number;
  #grew = false;

  constructor(opened: OpenedRecording) {
    this.header = opened.header;
    this.name = opened.name;
    this.path = opened.path;
    this.#fileId = opened.fileId;
    this.#source = opened.source;
    this.#sizeBytes = opened.sizeBytes;
    this.#table = opened.table;
    this.#missing = opened.missing;
    this.#beforeMore = opened.beforeMore;
  }

  /** True when the recording was closed whole, and nothing follows its end. */
  get complete(): boolean {
    return this.#table.endOffset === this.#sizeBytes;
  }

  /** What is known to be missing, in plain words. */
  get missing(): readonly string[] {
    const { sizeBytes } = this.#table.tail;
    // While the file grows, half a block at its end is not damage but work in progress.
    if (sizeBytes === 0 || this.#grew) return this.#missing.lines;
    const tail = `the recording was cut short: the last block is incomplete (${sizeBytes} bytes)`;
    return [...this.#missing.lines, tail];
  }

  /** How many entries there are, as far as the blocks' headers say. */
  get entryCount(): number {
    return this.#table.entryCount;
  }

  /** The number of the last entry; 0 when there is none. */
  get lastEntry(): number {
    const last = this.#table.blocks.at(-1)?.header;
    return last === undefined ? 0 : last.firstEntry + last.entryCount - 1;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** When the last entry was written, in the terms of `atMs`, as far as the blocks' headers say. */
  get durationMs(): number {
    return this.#table.blocks.at(-1)?.header.lastAtMs ?? 0;
  }

  /** All entries in order, those included that `refresh` finds meanwhile. */
  async *entries(): AsyncGenerator<Entry, void, undefined> {
    for await (const entries of this.blocks()) yield* entries;
  }

  /** The same, a block at a time: for those who read very many. */
  async *blocks(how: ReadBlocks = {}): AsyncGenerator<readonly Entry[], void, undefined> {
    const { blocks } = this.#table;
    // Not kept for others, since who reads on does not come back, and very many would pass through.
    const ahead: Promise<Unpack>[] = [];
    let aheadBytes = 0;
    let next = 0;
    for (let current = 0; current < blocks.length; current += 1) {
      this.#beforeMore();
      for (let block = blocks[next]; block !== undefined; block = blocks[next]) {
        const isRoom = ahead.length <= BLOCKS_AHEAD && aheadBytes < MAX_AHEAD_BYTES;
        if (ahead.length > 0 && !isRoom) break;
        ahead.push(this.#fetch(block, how));
        aheadBytes += block.header.inflatedBytes;
        next += 1;
      }
      const entries = (await ahead.shift())?.() ?? [];
      const inflatedBytes = blocks[current]?.header.inflatedBytes ?? 0;
      aheadBytes -= inflatedBytes;
      if (inflatedBytes <= MAX_SHARED_BYTES) yield entries;
      else yield* this.#oneByOne(entries);
    }
  }

  *#oneByOne(entries: readonly Entry[]): Generator<readonly Entry[]> {
    for (const entry of entries) {
      yield [entry];
      this.#beforeMore();
    }
  }

  /** The entries numbered from `firstEntry` to `firstEntry + count - 1`, as far as they are there. */
  async read(firstEntry: number, count: number): Promise<Entry[]> {
    const { blocks } = this.#table;
    const found: Entry[] = [];
    const end = firstEntry + count;
    for (let index = Math.max(0, this.#table.indexOf(firstEntry)); ; index += 1) {
      const block = blocks[index];
      if (block === undefined || block.header.firstEntry >= end) return found;
      for (const entry of await this.#load(block)) {
        if (entry.entry >= firstEntry && entry.entry < end) found.push(entry);
      }
    }
  }

  /** The newest entries, at most so many; reads no more of the file than these. */
  async last(count: number): Promise<readonly Entry[]> {
    const { blocks } = this.#table;
    const parts: (readonly Entry[])[] = [];
    let found = 0;
    for (const block of blocks.toReversed()) {
      if (found >= count) break;
      const entries = await this.#load(block);
      found += entries.length;
      parts.push(entries);
    }
    return parts.toReversed().flat().slice(-count);
  }

  /** Looks whether the file has grown; returns how many entries came. */
  async refresh(): Promise<number> {
    const sizeBytes = this.#source.sizeBytes();
    this.#grew = sizeBytes > this.#sizeBytes;
    if (!this.#grew) return 0;
    const before = this.#table.entryCount;
    await scanInto(this.#table, this.#source, sizeBytes, this.#fileId, this.#beforeMore);
    this.#sizeBytes = sizeBytes;
    return this.#table.entryCount - before;
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #load(block: EntriesBlock): Promise<readonly Entry[]> {
    this.#beforeMore();
    const { offset, header } = block;
    const kept = this.#kept.find((one) => one.offset === offset) ?? {
      offset,
      inflatedBytes: header.inflatedBytes,
      entries: this.#fetch(block, {}).then((unpack) => unpack()),
    };
    const others = this.#kept.filter((one) => one !== kept).slice(1 - MAX_KEPT_BLOCKS);
    let bytes = kept.inflatedBytes + others.reduce((sum, one) => sum + one.inflatedBytes, 0);
    while (others.length > 0 && bytes > MAX_KEPT_BYTES) bytes -= others.shift()?.inflatedBytes ?? 0;
    this.#kept = [...others, kept];
    return kept.entries;
  }

  /** Reads a block, and inflates as much of it as is asked for. */
  async #fetch(block: EntriesBlock, how: ReadBlocks): Promise<Unpack> {
    const { offset, header } = block;
    const outlines = how.deferTexts === true || how.checkIndex === true ? block.outlines : null;
    let read: readonly [Buffer, Buffer | null];
    try {
      // Asked for together, since they stand together.
      read = await Promise.all([
        this.#read(block),
        outlines === null ? null : this.#read(outlines),
      ]);
    } catch (error) {
      const why = `block at byte ${offset} cannot be read (${describeError(error)})`;
      return () => this.#lose(header, why);
    }
    const [stored, storedOutlines] = read;
    const lose = (): readonly Entry[] => this.#lose(header, `block at byte ${offset} is damaged`);
    if (!isIntact(header, stored)) return lose;
    const index =
      outlines === null || storedOutlines === null
        ? null
        : await decodeBlock(outlines.header, storedOutlines);
    if (outlines !== null && index !== null && how.deferTexts === true) {
      const texts = new DeferredTexts(() => textsOf(header, stored), lose);
      return () => {
        const decoded = decodeBlockEntries(outlines.header, index, findOutlined(texts));
        // An index that makes no sense is as good as none.
        return decoded === null || decoded.unreadable.length > 0
          ? this.#unpack(block, decodeBlockSync(header, stored))
          : decoded.entries;
      };
    }
    const content = await decodeBlock(header, stored);
    return () => {
      const entries = this.#unpack(block, content);
      if (outlines !== null && !(index?.payload.equals(encodeOutlines(entries)) ?? false))
        this.#missing.add(`the index after byte ${offset} is not what the entries before it say`);
      return entries;
    };
  }

  #read({ offset, header }: BlockRef): Promise<Buffer> {
    return this.#source.read(offset, BLOCK_HEADER_BYTES + header.payloadBytes);
  }

  #unpack({ offset, header }: BlockRef, content: BlockContent | null): readonly Entry[] {
    const decoded = content === null ? null : decodeBlockEntries(header, content);
    if (decoded === null) return this.#lose(header, `block at byte ${offset} is damaged`);
    for (const entry of decoded.unreadable) {
      this.#missing.add(`block at byte ${offset} holds no valid entry ${entry}: it is lost`);
    }
    return decoded.entries;
  }

  #lose({ firstEntry, entryCount }: BlockHeader, why: string): readonly Entry[] {
    this.#missing.add(`${why}: ${describeEntries(firstEntry, entryCount)} lost`);
    return [];
  }
}

/** The texts of a block's entries in their order; null where not all of them can be read. */
function textsOf(header: BlockHeader, stored: Buffer): readonly string[] | null {
  const content = decodeBlockSync(header, stored);
  const decoded = content === null ? null : decodeBlockEntries(header, content);
  if (decoded === null || decoded.unreadable.length > 0) return null;
  return decoded.entries.map((entry) =>
    entry.kind === "message" && entry.message.type === "text" ? entry.message.text : "",
  );
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Headers walked over before others get a turn. */
const BLOCKS_PER_TURN = 4096;

/** Takes up the blocks from where the table ends to `sizeBytes`. */
export async function scanInto(
  table: BlockTable,
  source: ByteSource,
  sizeBytes: number,
  fileId: number,
  beforeMore: () => void,
): Promise<void> {
  let scanned = 0;
  for (const found of scanBlocks(source, table.tail.offset, sizeBytes, fileId)) {
    table.add(found);
    scanned += 1;
    if (scanned % BLOCKS_PER_TURN !== 0) continue;
    beforeMore();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
