import { rename, rm, stat } from "node:fs/promises";
import { encodeBlock } from "./block.ts";
import { BlockFile } from "./block-file.ts";
import { scanBlocks } from "./block-scan.ts";
import { openFileSource } from "./byte-source.ts";
import { BLOCK_HEADER_BYTES, MAGIC } from "./format.ts";
import type { StoredBlock } from "./block.ts";
import type { BlockRef } from "./block-scan.ts";
import type { ByteSource } from "./byte-source.ts";

/** Blocks deflated at the same time. */
const BLOCKS_AT_ONCE = 4;

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
    await using source = await openDisposable(path);
    await copyBlocks(source, fileId, smaller);
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

type Disposable = ByteSource & AsyncDisposable;

async function openDisposable(path: string): Promise<Disposable> {
  const source = await openFileSource(path);
  return Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });
}

async function copyBlocks(source: ByteSource, fileId: number, target: BlockFile): Promise<void> {
  let blocks: BlockRef[] = [];
  const flush = async (): Promise<void> => {
    await target.appendEntries(await Promise.all(blocks.map((block) => deflated(source, block))));
    blocks = [];
  };
  for (const scanned of scanBlocks(source, MAGIC.length, source.sizeBytes(), fileId)) {
    if (scanned.found !== "block") throw new Error("it is damaged");
    if (scanned.block.header.type === "entries") blocks.push(scanned.block);
    if (blocks.length >= BLOCKS_AT_ONCE) await flush();
  }
  if (blocks.length > 0) await flush();
}

async function deflated(source: ByteSource, { offset, header }: BlockRef): Promise<StoredBlock> {
  const stored = await source.read(offset, BLOCK_HEADER_BYTES + header.payloadBytes);
  const payload = stored.subarray(BLOCK_HEADER_BYTES);
  if (header.codec === "raw") return encodeBlock({ facts: header, payload }, "fast");
  return { header: stored.subarray(0, BLOCK_HEADER_BYTES), payload };
}
