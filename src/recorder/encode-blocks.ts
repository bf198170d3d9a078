import type { NewBlock } from "../recording/block.ts";
import { tuplesOf } from "../recording/entry-codec.ts";
import type { NewEntry } from "../recording/entry.ts";
import { encodeValue } from "../recording/msgpack.ts";
import { encodeOutlines } from "../recording/outlines.ts";

/** A smaller block is read as fast without an index. */
const MIN_INDEXED_BYTES = 16 * 1024;

/** An index that is a larger part of its block spares too little of it. */
const MAX_INDEX_SHARE = 1 / 8;

/** What is put into a block. */
export interface BlockEntries {
  readonly fileId: number;
  readonly firstEntry: number;
  /** At least one. */
  readonly entries: readonly NewEntry[];
}

/** The entries as a block, and as an index where it is wanted and worth its room. */
export function encodeBlocks(
  { fileId, firstEntry, entries }: BlockEntries,
  isIndexWanted: boolean,
): readonly NewBlock[] {
  const payload = encodeValue(tuplesOf(entries));
  const facts = {
    fileId,
    firstEntry,
    entryCount: entries.length,
    startsWithGap: entries[0]?.kind === "gap",
    firstAtMs: entries[0]?.atMs ?? 0,
    lastAtMs: entries.at(-1)?.atMs ?? 0,
  };
  const block = { facts: { ...facts, type: "entries" }, payload } as const;
  if (!isIndexWanted || payload.length < MIN_INDEXED_BYTES) return [block];
  const outlines = encodeOutlines(entries);
  if (outlines.length > payload.length * MAX_INDEX_SHARE) return [block];
  return [block, { facts: { ...facts, type: "outlines" }, payload: outlines }];
}
