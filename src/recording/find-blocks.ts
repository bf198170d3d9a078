import { decodeBlock } from "./block.ts";
import type { ByteSource } from "./byte-source.ts";
import { BLOCK_HEADER_BYTES, BLOCK_MARKER, decodeBlockHeader } from "./format.ts";
import type { BlockHeader } from "./format.ts";

/** A block and where it lies. */
export interface BlockRef {
  readonly offset: number;
  readonly header: BlockHeader;
}

/** What `scanBlocks` came across next. */
export type Scanned =
  | { readonly found: "block"; readonly block: BlockRef }
  /** Bytes that are no block, up to the next one. */
  | { readonly found: "damage"; readonly offset: number; readonly sizeBytes: number }
  /** The end of the file comes before the end of the block that begins here, or before anything begins. */
  | { readonly found: "tail"; readonly offset: number; readonly sizeBytes: number };

const SEARCH_BYTES = 1024 * 1024;

/**
 * Walks over blocks from `offset` on by their headers alone. Where there is none, goes on at the next marker with a sound header.
 * Blocks of another file, as a disk may hold them after a crash, are damage.
 */
export function* scanBlocks(
  source: ByteSource,
  offset: number,
  endOffset: number,
  fileId: number | null,
): Generator<Scanned> {
  let id = fileId;
  while (offset < endOffset) {
    const header = decodeBlockHeader(source.peek(offset, BLOCK_HEADER_BYTES), 0);
    if (header !== null && (id === null || header.fileId === id)) {
      id = header.fileId;
      const next = offset + BLOCK_HEADER_BYTES + header.payloadBytes;
      if (next <= endOffset) {
        yield { found: "block", block: { offset, header } };
        offset = next;
        continue;
      }
    }
    const next = findBlock(source, offset + 1, endOffset, id);
    const found = next === null ? "tail" : "damage";
    yield { found, offset, sizeBytes: (next ?? endOffset) - offset };
    offset = next ?? endOffset;
  }
}

function findBlock(
  source: ByteSource,
  offset: number,
  endOffset: number,
  fileId: number | null,
): number | null {
  while (offset < endOffset) {
    const bytes = source.peek(offset, Math.min(SEARCH_BYTES, endOffset - offset));
    for (let at = bytes.indexOf(BLOCK_MARKER); at >= 0; at = bytes.indexOf(BLOCK_MARKER, at + 1)) {
      const header = decodeBlockHeader(source.peek(offset + at, BLOCK_HEADER_BYTES), 0);
      if (header !== null && (fileId === null || header.fileId === fileId)) return offset + at;
    }
    if (bytes.length < BLOCK_MARKER.length) return null;
    // A marker may lie across the border of two searches.
    offset += bytes.length - (BLOCK_MARKER.length - 1);
  }
  return null;
}

const OFFSET_BYTES = 8;
const ROW_BYTES: number = OFFSET_BYTES + BLOCK_HEADER_BYTES;
const END_BYTES: number = BLOCK_HEADER_BYTES + OFFSET_BYTES;

/** The blocks that a recording's index names, and the end block; null when it has no sound index, as when it was not closed. */
export async function readIndex(
  source: ByteSource,
  sizeBytes: number,
  fileId: number,
): Promise<readonly BlockRef[] | null> {
  if (sizeBytes < END_BYTES) return null;
  const end = await readBlock(source, sizeBytes - END_BYTES, fileId, OFFSET_BYTES);
  if (end === null || end.header.type !== "end" || end.payload.length !== OFFSET_BYTES) return null;
  const pages: BlockRef[][] = [];
  let offset = end.payload.readDoubleLE(0);
  let before = sizeBytes - END_BYTES;
  let rowsEnd = before;
  while (offset !== 0) {
    // Each index lies before the one that points to it, so that a forged chain cannot run in circles.
    if (!Number.isSafeInteger(offset) || offset < 0 || offset >= before) return null;
    before = offset;
    rowsEnd = Math.min(rowsEnd, offset);
    const index = await readBlock(source, offset, fileId, mostIndexBytes(rowsEnd));
    const rows = index?.header.type === "index" ? parseRows(index.payload, rowsEnd, fileId) : null;
    if (index === null || rows === null) return null;
    pages.push(rows);
    rowsEnd = rows[0]?.offset ?? rowsEnd;
    offset = index.payload.readDoubleLE(0);
  }
  const blocks = pages.toReversed().flat();
  return [...blocks, { offset: sizeBytes - END_BYTES, header: end.header }];
}

/** An index names blocks that lie before `endOffset`, and no two of them at one place. */
function mostIndexBytes(endOffset: number): number {
  return OFFSET_BYTES + Math.floor(endOffset / BLOCK_HEADER_BYTES) * ROW_BYTES;
}

/** Null when the blocks do not stand one after the other, and before `endOffset`. */
function parseRows(payload: Buffer, endOffset: number, fileId: number): BlockRef[] | null {
  if (payload.length < OFFSET_BYTES || (payload.length - OFFSET_BYTES) % ROW_BYTES !== 0)
    return null;
  const rows: BlockRef[] = [];
  let next = 0;
  for (let at = OFFSET_BYTES; at < payload.length; at += ROW_BYTES) {
    const offset = payload.readDoubleLE(at);
    const header = decodeBlockHeader(payload, at + OFFSET_BYTES);
    if (header === null || header.fileId !== fileId) return null;
    if (!Number.isSafeInteger(offset) || offset < next) return null;
    next = offset + BLOCK_HEADER_BYTES + header.payloadBytes;
    if (next > endOffset) return null;
    rows.push({ offset, header });
  }
  return rows;
}

/** Reads and inflates one block; null when it is not sound, or larger than one of its kind can be. */
export async function readBlock(
  source: ByteSource,
  offset: number,
  fileId: number | null,
  maxBytes: number,
): Promise<{ readonly header: BlockHeader; readonly payload: Buffer } | null> {
  const header = decodeBlockHeader(source.peek(offset, BLOCK_HEADER_BYTES), 0);
  if (header === null || (fileId !== null && header.fileId !== fileId)) return null;
  if (header.inflatedBytes > maxBytes) return null;
  const stored = await source.read(offset, BLOCK_HEADER_BYTES + header.payloadBytes);
  const content = await decodeBlock(header, stored);
  return content === null ? null : { header, payload: content.payload };
}
