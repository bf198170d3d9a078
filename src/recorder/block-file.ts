import { open, mkdir, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { blockFacts, encodeBlock } from "../recording/block.ts";
import type { StoredBlock } from "../recording/block.ts";
import { BLOCK_HEADER_BYTES, MAGIC, decodeBlockHeader } from "../recording/format.ts";
import type { BlockHeader } from "../recording/format.ts";

/** Index rows kept in memory; so many more, and an index block is written in between. */
const ROWS_PER_INDEX = 1024;

/** What a row takes in an index: where its block lies, and the header of that. */
const ROW_BYTES = 8 + BLOCK_HEADER_BYTES;

/** What a gap, the header of an index and the end of a file take together, at most. */
const CLOSING_BYTES = 4096;

/** A block that is in the file and in no index yet. */
interface Row {
  readonly offset: number;
  readonly header: Buffer;
}

/**
 * The bytes of a recording on the disk, and where each block of them lies. Nothing here survives a failed write: the same
 * blocks may be given again, and go to the same place.
 */
export class BlockFile {
  readonly #path: string;
  readonly #fileId: number;
  readonly #headerPayload: Buffer;
  #handle: FileHandle | null = null;
  #inode: number | null = null;
  #sizeBytes = 0;
  #indexOffset = 0;
  #rows: Row[] = [];
  #lastEntry = 0;

  constructor(path: string, fileId: number, headerPayload: Buffer) {
    this.#path = path;
    this.#fileId = fileId;
    this.#headerPayload = headerPayload;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Creates the file, and its folder where needed, readable by its owner alone, and writes the header. */
  async create(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    this.#handle = await open(this.#path, "wx", 0o600);
    this.#sizeBytes = 0;
    this.#indexOffset = 0;
    this.#rows = [];
    this.#lastEntry = 0;
    const facts = blockFacts(this.#fileId, "header");
    const { header, payload } = await encodeBlock({ facts, payload: this.#headerPayload });
    try {
      await this.#append([MAGIC, header, payload, header, payload]);
    } catch (error) {
      await this.release();
      await rm(this.#path, { force: true });
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#handle !== null;
  }

  /** True when the file was deleted, or its folder: what is written then, nobody will ever read. */
  async isDeleted(): Promise<boolean> {
    if (this.#handle === null) return false;
    const { ino, nlink } = await this.#handle.stat();
    this.#inode = ino;
    return nlink === 0;
  }

  /** What tells this file from any other on its disk, as `isDeleted` saw it last; null when it never looked. */
  get inode(): number | null {
    return this.#inode;
  }

  /** Appends entries blocks in one write; all of them are in the file afterwards, or none counts. */
  async appendEntries(blocks: readonly StoredBlock[]): Promise<void> {
    const rows: Row[] = [];
    let offset = this.#sizeBytes;
    for (const { header, payload } of blocks) {
      rows.push({ offset, header });
      offset += header.length + payload.length;
    }
    await this.#append(blocks.flatMap(({ header, payload }) => [header, payload]));
    for (const row of rows) this.#rows.push(row);
    if (this.#rows.length >= ROWS_PER_INDEX) await this.#appendIndex();
  }

  /** Writes the last index and the end block, both or neither; the file is still to be released. */
  async finish(): Promise<void> {
    const index = this.#rows.length === 0 ? null : await this.#encodeIndex();
    const indexOffset = index === null ? this.#indexOffset : this.#sizeBytes;
    const facts = blockFacts(this.#fileId, "end");
    const end = await encodeBlock({ facts, payload: offsetBytes(indexOffset) });
    const blocks = index === null ? [end] : [index, end];
    await this.#append(blocks.flatMap(({ header, payload }) => [header, payload]));
    // Blocks that were given up may have reached further.
    await this.#handle?.truncate(this.#sizeBytes);
  }

  /** The number of the last entry in the file. */
  get lastEntry(): number {
    for (const { header } of this.#rows.toReversed()) {
      const facts = decodeBlockHeader(header, 0);
      if (facts?.type === "entries") return facts.firstEntry + facts.entryCount - 1;
    }
    return this.#lastEntry;
  }

  /**
   * Gives up the last blocks, as many as it takes to close the file in their room, for a disk that has none left. What is written
   * next goes over them. Says what they were.
   */
  giveUpLast(): readonly BlockHeader[] {
    const given: BlockHeader[] = [];
    if (this.#handle === null) return given;
    const end = this.#sizeBytes;
    for (let row = this.#rows.pop(); row !== undefined; row = this.#rows.pop()) {
      const facts = decodeBlockHeader(row.header, 0);
      if (facts !== null) given.unshift(facts);
      this.#sizeBytes = row.offset;
      if (end - row.offset >= CLOSING_BYTES + this.#rows.length * ROW_BYTES) break;
    }
    return given;
  }

  /** Closes the file as it is. */
  async release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #appendIndex(): Promise<void> {
    const index = await this.#encodeIndex();
    const offset = this.#sizeBytes;
    await this.#append([index.header, index.payload]);
    this.#lastEntry = this.lastEntry;
    this.#indexOffset = offset;
    this.#rows = [];
  }

  #encodeIndex(): Promise<StoredBlock> {
    const facts = blockFacts(this.#fileId, "index");
    const rows = this.#rows.flatMap(({ offset, header }) => [offsetBytes(offset), header]);
    const payload = Buffer.concat([offsetBytes(this.#indexOffset), ...rows]);
    return encodeBlock({ facts, payload });
  }

  async #append(pieces: readonly Uint8Array[]): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw new Error("the file is closed");
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    try {
      let { bytesWritten: written } = await handle.writev(pieces, this.#sizeBytes);
      // Nearly always that was all.
      const bytes = written < sizeBytes ? Buffer.concat(pieces) : Buffer.alloc(0);
      while (written < sizeBytes) {
        const position = this.#sizeBytes + written;
        const left = sizeBytes - written;
        written += (await handle.write(bytes, written, left, position)).bytesWritten;
      }
    } catch (error) {
      // Half a block must not stay; if even this fails, the next write goes over it.
      await handle.truncate(this.#sizeBytes).catch(() => undefined);
      throw error;
    }
    this.#sizeBytes += sizeBytes;
  }
}

function offsetBytes(offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(offset);
  return bytes;
}
