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
