import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { payloadMatches, BLOCK_HEADER_BYTES, encodeBlockHeader } from "./format.ts";
import type { BlockFacts, BlockHeader } from "./format.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Below this, deflating gains less than handing the bytes to another thread costs. */
const MIN_DEFLATE_BYTES = 512;

/** Output that zlib is given room for at once: in pieces of its default 16 KiB, inflating a block takes twice as long. */
const MAX_INFLATE_BYTES = 1024 * 1024;

/** The same for deflating, for which half of what goes in is room enough. */
const MIN_DEFLATE_ROOM_BYTES = 16 * 1024;
const MAX_DEFLATE_ROOM_BYTES = 256 * 1024;

/** A block before it is stored: what its header says, and its payload inflated. */
export interface NewBlock {
  readonly facts: Omit<BlockFacts, "codec" | "inflatedBytes">;
  readonly payload: Buffer;
}

/** A block as stored: the bytes of its header, then those of its payload. */
export interface StoredBlock {
  readonly header: Buffer;
  readonly payload: Buffer;
}

/** The facts of a block that holds no entries. */
export function blockFacts(
  fileId: number,
  type: "header" | "index" | "end",
): Omit<BlockFacts, "codec" | "inflatedBytes"> {
  const nothing = { entryCount: 0, firstEntry: 0, firstAtMs: 0, lastAtMs: 0 };
  return { fileId, type, startsWithGap: false, ...nothing };
}

/** How hard to deflate, if at all: with much to write, better a larger file than a gap in it. */
export type Effort = "small" | "fast" | "none";

const LEVELS = { small: 3, fast: 1 } as const;

/** Makes a block ready for the disk; deflates on another thread, where that makes it smaller. */
export async function encodeBlock(
  { facts, payload }: NewBlock,
  effort: Effort = "small",
): Promise<StoredBlock> {
  const inflatedBytes = payload.length;
  if (facts.type !== "end" && inflatedBytes >= MIN_DEFLATE_BYTES && effort !== "none") {
    const room = Math.max(MIN_DEFLATE_ROOM_BYTES, inflatedBytes >> 1);
    const chunkSize = Math.min(room, MAX_DEFLATE_ROOM_BYTES);
    const deflated = await deflate(payload, { level: LEVELS[effort], chunkSize });
    if (deflated.length < inflatedBytes) {
      const header = encodeBlockHeader({ ...facts, codec: "deflate", inflatedBytes }, deflated);
      return { header, payload: deflated };
    }
  }
  return { header: encodeBlockHeader({ ...facts, codec: "raw", inflatedBytes }, payload), payload };
}

/**
 * The payload of a stored block (header and payload in one), inflated; null when it is not what its header promises. Never
 * inflates further than promised.
 */
export async function decodeBlock(header: BlockHeader, stored: Buffer): Promise<Buffer | null> {
  const payload = stored.subarray(BLOCK_HEADER_BYTES);
  if (payload.length !== header.payloadBytes || !payloadMatches(stored, payload)) return null;
  if (header.codec === "raw") return payload;
  if (header.codec === "unknown") return null;
  try {
    // zlib takes no limit below 1.
    const maxOutputLength = Math.max(1, header.inflatedBytes);
    // With a little more room than promised it sees at once that there is no more. A lie may not cost more than that.
    const chunkSize = Math.min(maxOutputLength + 64, MAX_INFLATE_BYTES);
    const inflated = await inflate(payload, { maxOutputLength, chunkSize });
    return inflated.length === header.inflatedBytes ? inflated : null;
  } catch {
    return null;
  }
}
