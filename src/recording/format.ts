import { crc32 } from "node:zlib";
import { z } from "zod";
import type { RecordingHeader } from "./entry.ts";

/**
 * # The `.gwtrace` format, version 1
 *
 * A file is MAGIC (8 bytes), then blocks, one after the other without padding. Numbers are little-endian. Any prefix of a
 * recording that holds its first block is a recording; a file is only ever appended to.
 *
 * Every block begins with BLOCK_HEADER_BYTES (60) bytes:
 *
 * | at | size | what |
 * | -- | -- | -- |
 * | 0  | 8 | marker `ff 47 57 42 4c 4b 0d 0a`, by which a reader finds its way back after damage |
 * | 8  | 4 | file id: random, the same in all blocks of one file |
 * | 12 | 1 | type: 1 header, 2 entries, 3 index, 4 end, 5 outlines |
 * | 13 | 1 | codec of the payload: 0 raw, 1 deflate (RFC 1951, without zlib head), 2 see below |
 * | 14 | 2 | flags: bit 0, the first entry is a `gap` that explains missing entry numbers before it |
 * | 16 | 4 | payload length as stored |
 * | 20 | 4 | payload length inflated; at most MAX_BLOCK_BYTES |
 * | 24 | 4 | number of entries |
 * | 28 | 8 | float64: number of the first entry |
 * | 36 | 8 | float64: `atMs` of the first entry |
 * | 44 | 8 | float64: `atMs` of the last entry |
 * | 52 | 4 | CRC-32 of bytes 8 to 51 |
 * | 56 | 4 | CRC-32 of the stored payload, continued from the former |
 *
 * Payloads, by type:
 *
 * - **header**: one msgpack map, the RecordingHeader. Written twice, as blocks 1 and 2, since nothing can be read without it.
 * - **entries**: one msgpack array of tuples, see entry-codec.ts. Entries of a block are numbered on from its first.
 * - **outlines**: an index of the entries block before it, with as many tuples, see outlines.ts. It holds nothing that cannot be told
 *   from that block: a reader may pass it over, and only some blocks have one.
 * - **index**: float64 offset of the index block before this one (0: none), then for each entries and outlines block since then a
 *   float64 offset and a copy of its 60 header bytes. Stands before the end block, and in between in long recordings.
 * - **end**: float64 offset of the last index block. A file that ends with it was closed whole. Always raw.
 *
 * Codec 2 is read, but no longer written. There the payload is the uint32 lengths of the tuples, stored and inflated, then the tuples
 * deflated, then the texts of some messages, one after the other and deflated. The inflated length in the header is that of both.
 *
 * Unknown block types are skipped, and tuples may grow at their end, so that a minor change needs no new version.
 */
export const MAGIC: Uint8Array = Uint8Array.of(0x89, 0x47, 0x57, 0x54, 0x0d, 0x0a, 0x1a, 0x0a);

/** The ending of a recording's file name. */
export const RECORDING_EXTENSION = ".gwtrace";

/** The version that this program writes, and the newest it reads. */
export const FORMAT_VERSION = 1;

/** The fixed size of the header of a block. */
export const BLOCK_HEADER_BYTES = 60;

/** No block's payload may be longer than this, stored or inflated: a reader's memory is bounded by it. */
export const MAX_BLOCK_BYTES: number = 96 * 1024 * 1024;

/** What deflate can make of a byte at most: 258 of two bits (RFC 1951, section 3.2.5). */
const MAX_INFLATION = 1032;

/** What each block starts with. `ff` never occurs in UTF-8, so no text can hold it. */
export const BLOCK_MARKER: Uint8Array = Uint8Array.of(
  0xff,
  0x47,
  0x57,
  0x42,
  0x4c,
  0x4b,
  0x0d,
  0x0a,
);

const BLOCK_TYPES = ["header", "entries", "index", "end", "outlines"] as const;

const CODECS = ["raw", "deflate", "texts-aside"] as const;

/** What a block holds; `unknown` for one that a later version of gw-trace added. */
export type BlockType = (typeof BLOCK_TYPES)[number] | "unknown";

/** The header of a block, read. */
export interface BlockHeader {
  readonly fileId: number;
  readonly type: BlockType;
  readonly codec: (typeof CODECS)[number] | "unknown";
  readonly startsWithGap: boolean;
  readonly payloadBytes: number;
  readonly inflatedBytes: number;
  readonly entryCount: number;
  readonly firstEntry: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly payloadCrc: number;
}

/** A block header and its payload, still as stored. */
export type BlockFacts = Omit<BlockHeader, "payloadCrc" | "payloadBytes">;

/** Writes the header of a block for the payload as stored. */
export function encodeBlockHeader(facts: BlockFacts, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(BLOCK_HEADER_BYTES);
  bytes.set(BLOCK_MARKER, 0);
  bytes.writeUInt32LE(facts.fileId, 8);
  bytes.writeUInt8(facts.type === "unknown" ? 0 : BLOCK_TYPES.indexOf(facts.type) + 1, 12);
  bytes.writeUInt8(facts.codec === "unknown" ? 0 : CODECS.indexOf(facts.codec), 13);
  bytes.writeUInt16LE(facts.startsWithGap ? 1 : 0, 14);
  bytes.writeUInt32LE(payload.length, 16);
  bytes.writeUInt32LE(facts.inflatedBytes, 20);
  bytes.writeUInt32LE(facts.entryCount, 24);
  bytes.writeDoubleLE(facts.firstEntry, 28);
  bytes.writeDoubleLE(facts.firstAtMs, 36);
  bytes.writeDoubleLE(facts.lastAtMs, 44);
  const headerCrc = crc32(bytes.subarray(8, 52));
  bytes.writeUInt32LE(headerCrc, 52);
  bytes.writeUInt32LE(crc32(payload, headerCrc), 56);
  return bytes;
}

/** Reads the header of a block at `offset`; null when there is none whose checksum and numbers hold. */
export function decodeBlockHeader(bytes: Buffer, offset: number): BlockHeader | null {
  if (bytes.length - offset < BLOCK_HEADER_BYTES) return null;
  if (bytes.compare(BLOCK_MARKER, 0, 8, offset, offset + 8) !== 0) return null;
  if (crc32(bytes.subarray(offset + 8, offset + 52)) !== bytes.readUInt32LE(offset + 52)) {
    return null;
  }
  const header: BlockHeader = {
    fileId: bytes.readUInt32LE(offset + 8),
    type: BLOCK_TYPES[bytes.readUInt8(offset + 12) - 1] ?? "unknown",
    codec: CODECS[bytes.readUInt8(offset + 13)] ?? "unknown",
    startsWithGap: (bytes.readUInt16LE(offset + 14) & 1) === 1,
    payloadBytes: bytes.readUInt32LE(offset + 16),
    inflatedBytes: bytes.readUInt32LE(offset + 20),
    entryCount: bytes.readUInt32LE(offset + 24),
    firstEntry: bytes.readDoubleLE(offset + 28),
    firstAtMs: bytes.readDoubleLE(offset + 36),
    lastAtMs: bytes.readDoubleLE(offset + 44),
    payloadCrc: bytes.readUInt32LE(offset + 56),
  };
  return isPlausible(header) ? header : null;
}

/** True when the stored payload is the one that its header was written for. */
export function payloadMatches(headerBytes: Buffer, payload: Uint8Array): boolean {
  return crc32(payload, headerBytes.readUInt32LE(52)) === headerBytes.readUInt32LE(56);
}

/** A checksum only proves that the bytes are as written; the writer itself may have lied. */
function isPlausible(header: BlockHeader): boolean {
  const { payloadBytes, inflatedBytes, entryCount, firstEntry } = header;
  return (
    payloadBytes <= MAX_BLOCK_BYTES &&
    inflatedBytes <= MAX_BLOCK_BYTES &&
    (header.codec !== "raw" || payloadBytes === inflatedBytes) &&
    inflatedBytes <= payloadBytes * MAX_INFLATION &&
    // Each entry takes more than one byte.
    entryCount <= inflatedBytes &&
    ((header.type !== "entries" && header.type !== "outlines") ||
      (entryCount > 0 && Number.isSafeInteger(firstEntry) && firstEntry > 0)) &&
    Number.isSafeInteger(firstEntry + entryCount) &&
    Number.isFinite(header.firstAtMs) &&
    Number.isFinite(header.lastAtMs)
  );
}

const headerSchema = z.looseObject({
  formatVersion: z.int().positive(),
  toolVersion: z.string(),
  source: z.enum(["tap", "replayed-gateway", "replayed-client", "import"]),
  startedAt: z.iso.datetime(),
  upstream: z.string().nullable(),
  listen: z.string().nullable(),
  redaction: z.enum(["credentials", "off"]),
  replayOf: z.array(z.string()),
  assumedPeer: z.string().nullable().default(null),
  localityChange: z
    .enum(["remote-becomes-local", "local-becomes-remote"])
    .nullable()
    .catch(null)
    .default(null),
  part: z.int().positive().nullable().default(null),
  scrubbed: z.enum(["credentials", "identifiers", "content"]).nullable().catch(null).default(null),
});

const versionSchema = z.looseObject({ formatVersion: z.int().positive(), toolVersion: z.string() });

/** A header block's value read: the header, or the newer version that wrote it, or neither. */
export type ParsedRecordingHeader =
  | { readonly ok: true; readonly header: RecordingHeader }
  | { readonly ok: false; readonly newer: { formatVersion: number; toolVersion: string } | null };

/** Reads the value of a header block. Of a newer format only the version is looked at. */
export function parseRecordingHeader(value: unknown): ParsedRecordingHeader {
  const version = versionSchema.safeParse(value);
  if (version.success && version.data.formatVersion > FORMAT_VERSION) {
    const { formatVersion, toolVersion } = version.data;
    return { ok: false, newer: { formatVersion, toolVersion } };
  }
  const result = headerSchema.safeParse(value);
  if (!result.success) return { ok: false, newer: null };
  const {
    formatVersion,
    toolVersion,
    source,
    startedAt,
    upstream,
    listen,
    redaction,
    replayOf,
    assumedPeer,
    localityChange,
    part,
    scrubbed,
  } = result.data;
  return {
    ok: true,
    header: {
      formatVersion,
      toolVersion,
      source,
      startedAt,
      upstream,
      listen,
      redaction,
      replayOf,
      assumedPeer,
      localityChange,
      part,
      scrubbed,
    },
  };
}
