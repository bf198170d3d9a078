import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { DeferredTexts, textsInMemory, type TextsAside } from "./deferred-texts.ts";
import {
  payloadMatches,
  BLOCK_HEADER_BYTES,
  encodeBlockHeader,
  MAX_BLOCK_BYTES,
} from "./format.ts";
import type { BlockFacts, BlockHeader } from "./format.ts";
import { inflateLimits } from "./inflate-limits.ts";
import { setTextsAside, type PayloadAside, type TextPlace } from "./set-aside.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Below this, deflating gains less than handing the bytes to another thread costs. */
const MIN_DEFLATE_BYTES = 512;

/** Output that zlib is given room for at once when deflating, for which half of what goes in is room enough. */
const MIN_DEFLATE_ROOM_BYTES = 16 * 1024;
const MAX_DEFLATE_ROOM_BYTES = 256 * 1024;

/** A block before it is stored: what its header says, and its payload inflated. */
export interface NewBlock {
  readonly facts: Omit<BlockFacts, "codec" | "inflatedBytes">;
  readonly payload: Buffer;
  /** Where its long texts are, if they may be set aside. */
  readonly longTexts?: readonly TextPlace[];
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

/** How a block is made ready for the disk. */
export interface Encoding {
  readonly effort: Effort;
  /** Whether long texts are set aside, for which their frames have to be read. */
  readonly textsAside: boolean;
}

/** Makes a block ready for the disk; deflates on another thread, where that makes it smaller. */
export async function encodeBlock(
  { facts, payload, longTexts = [] }: NewBlock,
  { effort, textsAside }: Encoding = { effort: "small", textsAside: false },
): Promise<StoredBlock> {
  const inflatedBytes = payload.length;
  if (facts.type !== "end" && inflatedBytes >= MIN_DEFLATE_BYTES && effort !== "none") {
    const level = LEVELS[effort];
    const aside = textsAside ? setTextsAside(payload, longTexts) : null;
    if (aside !== null && inflatedSize(aside) <= MAX_BLOCK_BYTES)
      return encodeAside(facts, aside, level);
    const deflated = await deflateAt(level, payload);
    if (deflated.length < inflatedBytes) {
      const header = encodeBlockHeader({ ...facts, codec: "deflate", inflatedBytes }, deflated);
      return { header, payload: deflated };
    }
  }
  return { header: encodeBlockHeader({ ...facts, codec: "raw", inflatedBytes }, payload), payload };
}

async function encodeAside(
  facts: NewBlock["facts"],
  { outlined, texts }: PayloadAside,
  level: number,
): Promise<StoredBlock> {
  const deflated = await Promise.all([deflateAt(level, outlined), deflateAt(level, texts)]);
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32LE(deflated[0].length, 0);
  lengths.writeUInt32LE(outlined.length, 4);
  const payload = Buffer.concat([lengths, ...deflated]);
  const inflatedBytes = inflatedSize({ outlined, texts });
  const header = encodeBlockHeader({ ...facts, codec: "texts-aside", inflatedBytes }, payload);
  return { header, payload };
}

function inflatedSize({ outlined, texts }: PayloadAside): number {
  return outlined.length + texts.length;
}

function deflateAt(level: number, bytes: Buffer): Promise<Buffer> {
  const room = Math.max(MIN_DEFLATE_ROOM_BYTES, bytes.length >> 1);
  return deflate(bytes, { level, chunkSize: Math.min(room, MAX_DEFLATE_ROOM_BYTES) });
}

/** What a stored block holds, inflated. */
export interface BlockContent {
  readonly payload: Buffer;
  /** The texts that do not stand in the payload. */
  readonly texts: TextsAside | null;
}

/** What is called when texts that are inflated later turn out to be damaged; null inflates them at once. */
export type Deferral = (() => void) | null;

/**
 * What a stored block (header and payload in one) holds; null when it is not what its header promises. Never inflates further than
 * promised.
 */
export async function decodeBlock(
  header: BlockHeader,
  stored: Buffer,
  deferral: Deferral = null,
): Promise<BlockContent | null> {
  const payload = stored.subarray(BLOCK_HEADER_BYTES);
  if (payload.length !== header.payloadBytes || !payloadMatches(stored, payload)) return null;
  switch (header.codec) {
    case "raw":
      return { payload, texts: null };
    case "deflate": {
      const inflated = await inflateTo(header.inflatedBytes, payload);
      return inflated === null ? null : { payload: inflated, texts: null };
    }
    case "texts-aside":
      return decodeAside(payload, header.inflatedBytes, deferral);
    case "unknown":
      return null;
  }
}

async function decodeAside(
  payload: Buffer,
  inflatedBytes: number,
  deferral: Deferral,
): Promise<BlockContent | null> {
  if (payload.length < LENGTHS_BYTES) return null;
  const outlined = payload.subarray(LENGTHS_BYTES, LENGTHS_BYTES + payload.readUInt32LE(0));
  const outlinedBytes = payload.readUInt32LE(4);
  const texts = payload.subarray(LENGTHS_BYTES + outlined.length);
  const textsBytes = inflatedBytes - outlinedBytes;
  if (textsBytes < 0) return null;
  const inflated = await Promise.all([
    inflateTo(outlinedBytes, outlined),
    deferral === null ? inflateTo(textsBytes, texts) : null,
  ]);
  if (inflated[0] === null) return null;
  if (deferral !== null) {
    return { payload: inflated[0], texts: new DeferredTexts(texts, textsBytes, deferral) };
  }
  return inflated[1] === null ? null : { payload: inflated[0], texts: textsInMemory(inflated[1]) };
}

/** Null when that many bytes are not what comes of it. */
async function inflateTo(sizeBytes: number, bytes: Buffer): Promise<Buffer | null> {
  try {
    const inflated = await inflate(bytes, inflateLimits(sizeBytes));
    return inflated.length === sizeBytes ? inflated : null;
  } catch {
    return null;
  }
}

/** With texts aside: how long the tuples are, stored and inflated. */
const LENGTHS_BYTES = 8;
