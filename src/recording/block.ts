import { promisify } from "node:util";
import { deflateRaw, inflateRaw, inflateRawSync } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import { decodeEntries, isCount, type DecodedEntries, type FindText } from "./entry-codec.ts";
import { BLOCK_HEADER_BYTES, encodeBlockHeader, payloadMatches } from "./format.ts";
import type { BlockFacts, BlockHeader } from "./format.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Below this, deflating gains less than handing the bytes to another thread costs. */
const MIN_DEFLATE_BYTES = 512;

/** zlib is given room for so much output at once: in pieces of its default 16 KiB, it takes twice as long. */
const DEFLATE_ROOM_BYTES = 64 * 1024;

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
export function blockFacts(fileId: number, type: "header" | "index" | "end"): NewBlock["facts"] {
  const nothing = { entryCount: 0, firstEntry: 0, firstAtMs: 0, lastAtMs: 0 };
  return { fileId, type, startsWithGap: false, ...nothing };
}

/** How hard to deflate: with much to write, better a larger file than a gap in it. */
export type Effort = "small" | "fast" | "none";

const LEVELS = { small: 3, fast: 1 } as const;

/** Makes a block ready for the disk; deflates on another thread, where that makes it smaller. */
export async function encodeBlock(
  { facts, payload }: NewBlock,
  effort: Effort = "small",
): Promise<StoredBlock> {
  const inflatedBytes = payload.length;
  if (facts.type !== "end" && inflatedBytes >= MIN_DEFLATE_BYTES && effort !== "none") {
    const level = LEVELS[effort];
    const deflated = await deflate(payload, { level, chunkSize: DEFLATE_ROOM_BYTES });
    if (deflated.length < inflatedBytes) {
      const header = encodeBlockHeader({ ...facts, codec: "deflate", inflatedBytes }, deflated);
      return { header, payload: deflated };
    }
  }
  return { header: encodeBlockHeader({ ...facts, codec: "raw", inflatedBytes }, payload), payload };
}

/** What a stored block holds, inflated. */
export interface BlockContent {
  readonly payload: Buffer;
  /** With the former codec 2, the texts of its entries that do not stand in the payload; else empty. */
  readonly texts: Buffer;
}

/** What a stored block (header and payload in one) holds; null when it is not what its header promises. Never inflates further than promised. */
export async function decodeBlock(
  header: BlockHeader,
  stored: Buffer,
): Promise<BlockContent | null> {
  const parts = isIntact(header, stored) ? partsOf(header, stored) : null;
  return parts === null ? null : joinParts(await Promise.all(parts.map(inflatePart)));
}

/** The same of a block that is known to be intact, at once. */
export function decodeBlockSync(header: BlockHeader, stored: Buffer): BlockContent | null {
  const parts = partsOf(header, stored);
  return parts === null ? null : joinParts(parts.map(inflatePartSync));
}

/** True when the bytes of a block are those that its header was written for. */
export function isIntact(header: BlockHeader, stored: Buffer): boolean {
  const payload = stored.subarray(BLOCK_HEADER_BYTES);
  return payload.length === header.payloadBytes && payloadMatches(stored, payload);
}

/** The entries of a block; `findText` is for an outlines block. Null when it holds others than its header promises. */
export function decodeBlockEntries(
  { firstEntry, entryCount }: BlockHeader,
  { payload, texts }: BlockContent,
  findText?: FindText,
): DecodedEntries | null {
  if (texts.length === 0) return decodeEntries(payload, firstEntry, entryCount, findText);
  // Codec 2: the texts stand one after the other, in UTF-8.
  let offset = 0;
  const decoded = decodeEntries(payload, firstEntry, entryCount, (fields) => {
    const sizeBytes = fields[9];
    if (!isCount(sizeBytes) || sizeBytes > texts.length - offset) return null;
    const text = texts.toString("utf8", offset, (offset += sizeBytes));
    return { message: { type: "text", text } };
  });
  return offset === texts.length ? decoded : null;
}

/** Bytes that are inflated by themselves. */
interface Part {
  readonly bytes: Buffer;
  readonly isDeflated: boolean;
  readonly inflatedBytes: number;
}

function partsOf({ codec, inflatedBytes }: BlockHeader, stored: Buffer): readonly Part[] | null {
  const payload = stored.subarray(BLOCK_HEADER_BYTES);
  if (codec === "unknown") return null;
  if (codec !== "texts-aside")
    return [{ bytes: payload, isDeflated: codec === "deflate", inflatedBytes }];
  if (payload.length < LENGTHS_BYTES) return null;
  const textsAt = LENGTHS_BYTES + payload.readUInt32LE(0);
  const tuplesBytes = payload.readUInt32LE(4);
  const tuples = payload.subarray(LENGTHS_BYTES, textsAt);
  return [
    { bytes: tuples, isDeflated: true, inflatedBytes: tuplesBytes },
    {
      bytes: payload.subarray(textsAt),
      isDeflated: true,
      inflatedBytes: inflatedBytes - tuplesBytes,
    },
  ];
}

function joinParts([
  payload,
  texts = Buffer.alloc(0),
]: readonly (Buffer | null)[]): BlockContent | null {
  return payload === null || payload === undefined || texts === null ? null : { payload, texts };
}

/** Null when that many bytes are not what comes of it. */
async function inflatePart({ bytes, isDeflated, inflatedBytes }: Part): Promise<Buffer | null> {
  if (!isDeflated) return bytes;
  if (inflatedBytes < 0) return null;
  try {
    const inflated = await inflate(bytes, inflateLimits(inflatedBytes));
    return inflated.length === inflatedBytes ? inflated : null;
  } catch {
    return null;
  }
}

function inflatePartSync({ bytes, isDeflated, inflatedBytes }: Part): Buffer | null {
  if (!isDeflated) return bytes;
  if (inflatedBytes < 0) return null;
  try {
    const inflated = inflateRawSync(bytes, inflateLimits(inflatedBytes));
    return inflated.length === inflatedBytes ? inflated : null;
  } catch {
    return null;
  }
}

function inflateLimits(inflatedBytes: number): ZlibOptions {
  // zlib takes no limit below 1.
  const maxOutputLength = Math.max(1, inflatedBytes);
  // With a little more room than promised it sees at once that there is no more; in pieces, all of it would be there twice.
  return { maxOutputLength, chunkSize: maxOutputLength + 64 };
}

/** With codec 2, how long the tuples are comes first: stored and inflated. */
const LENGTHS_BYTES = 8;
