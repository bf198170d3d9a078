import { open, mkdir, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { blockFacts, encodeBlock } from "../recording/block.ts";
import type { StoredBlock } from "../recording/block.ts";
import { MAGIC } from "../recording/format.ts";

/** Index rows kept in memory; so many more, and an index block is written in between. */
const ROWS_PER_INDEX = 1024;

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
  #rows: Buffer[] = [];

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
    const rows: Buffer[] = [];
    let offset = this.#sizeBytes;
    for (const { header, payload } of blocks) {
      rows.push(indexRow(offset, header));
      offset += header.length + payload.length;
    }
    await this.#append(blocks.flatMap(({ header, payload }) => [header, payload]));
    for (const row of rows) this.#rows.push(row);
    if (this.#rows.length >= ROWS_PER_INDEX) await this.#appendIndex();
  }

  /** Writes the last index and the end block, and closes the file; with `sync`, not before all of it is on the disk. */
  async finish({ sync = false } = {}): Promise<void> {
    try {
      if (this.#rows.length > 0) await this.#appendIndex();
      const facts = blockFacts(this.#fileId, "end");
      const end = await encodeBlock({ facts, payload: offsetBytes(this.#indexOffset) });
      await this.#append([end.header, end.payload]);
      if (sync) await this.#handle?.datasync();
    } finally {
      await this.release();
    }
  }

  /** Closes the file as it is. */
  async release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #appendIndex(): Promise<void> {
    const facts = blockFacts(this.#fileId, "index");
    const payload = Buffer.concat([offsetBytes(this.#indexOffset), ...this.#rows]);
    const index = await encodeBlock({ facts, payload });
    const offset = this.#sizeBytes;
    await this.#append([index.header, index.payload]);
    this.#indexOffset = offset;
    this.#rows = [];
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

function indexRow(offset: number, header: Buffer): Buffer {
  return Buffer.concat([offsetBytes(offset), header]);
}

function offsetBytes(offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(offset);
  return bytes;
}
