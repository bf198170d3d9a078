import { open, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { encodeBlock } from "../recording/block.ts";
import { BlockFile } from "../recording/block-file.ts";
import { scanBlocks } from "../recording/block-scan.ts";
import { openFileSource } from "../recording/byte-source.ts";
import { BLOCK_HEADER_BYTES, MAGIC } from "../recording/format.ts";
import type { StoredBlock } from "../recording/block.ts";
import type { BlockRef } from "../recording/block-scan.ts";

/** Blocks deflated at the same time. */
const BLOCKS_AT_ONCE = 4;

const FAST = { effort: "fast", textsAside: false } as const;

/** Which file to make smaller: it must be closed, and still be the one that was written. */
export interface Compactable {
  readonly path: string;
  readonly fileId: number;
  readonly headerPayload: Buffer;
  readonly file: BlockFile;
}

/**
 * Deflates the blocks of a closed recording that were written as they were. The file is replaced in one step when the smaller one is on
 * the disk; whoever has it open goes on reading the old one. Returns the new size, or null when it stays as it was. Never rejects.
 */
export async function compactRecording(recording: Compactable): Promise<number | null> {
  const { path, fileId, headerPayload, file } = recording;
  const smallerPath = `${path}.compact`;
  const smaller = new BlockFile(smallerPath, fileId, headerPayload);
  try {
    await smaller.create();
  } catch {
    return null;
  }
  try {
    await copyBlocks(path, fileId, smaller);
    await smaller.finish({ sync: true });
    if ((await stat(path)).ino !== file.inode) throw new Error("it is another file now");
    await rename(smallerPath, path);
    return smaller.sizeBytes;
  } catch {
    // What is there is whole; it only stays larger.
    await smaller.release().catch(() => undefined);
    await rm(smallerPath, { force: true }).catch(() => undefined);
    return null;
  }
}

async function copyBlocks(path: string, fileId: number, target: BlockFile): Promise<void> {
  const source = await openFileSource(path);
  const handle = await open(path, "r");
  // Read into the same memory again and again: what nobody collects need not be counted.
  const slots = Array.from({ length: BLOCKS_AT_ONCE }, () => new Slot(handle));
  let blocks: Promise<StoredBlock>[] = [];
  try {
    for (const scanned of scanBlocks(source, MAGIC.length, source.sizeBytes(), fileId)) {
      if (scanned.found !== "block") throw new Error("it is damaged");
      const slot = slots[blocks.length];
      const { block } = scanned;
      if (slot !== undefined && block.header.type === "entries") blocks.push(slot.deflate(block));
      if (blocks.length < BLOCKS_AT_ONCE) continue;
      await target.appendEntries(await Promise.all(blocks));
      blocks = [];
    }
    if (blocks.length > 0) await target.appendEntries(await Promise.all(blocks));
  } finally {
    await Promise.allSettled(blocks);
    await handle.close();
    await source.close();
  }
}

/** Memory for one block. */
class Slot {
  readonly #handle: FileHandle;
  #memory = Buffer.alloc(0);

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async deflate({ offset, header }: BlockRef): Promise<StoredBlock> {
    const sizeBytes = BLOCK_HEADER_BYTES + header.payloadBytes;
    if (this.#memory.length < sizeBytes) this.#memory = Buffer.allocUnsafeSlow(sizeBytes);
    const { bytesRead } = await this.#handle.read(this.#memory, 0, sizeBytes, offset);
    if (bytesRead < sizeBytes) throw new Error("it is cut short");
    const stored = this.#memory.subarray(0, sizeBytes);
    const payload = stored.subarray(BLOCK_HEADER_BYTES);
    if (header.codec === "raw") return encodeBlock({ facts: header, payload }, FAST);
    return { header: stored.subarray(0, BLOCK_HEADER_BYTES), payload };
  }
}
