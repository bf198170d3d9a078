import type { NewBlock } from "../recording/block.ts";
import type { GapEntry, NewEntry } from "../recording/entry.ts";
import type { BlockHeader } from "../recording/format.ts";

/** Counts what happened but was not written, until a `gap` entry tells it. */
export class Losses {
  #gap: GapEntry | null = null;
  #totalEntries = 0;
  #totalBytes = 0;

  /** True while there are losses that no gap entry tells of yet. */
  get open(): boolean {
    return this.#gap !== null;
  }

  get totalEntries(): number {
    return this.#totalEntries;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** One entry was dropped. The reason of the first is the reason of the gap. */
  add(entry: NewEntry, sizeBytes: number, reason: string): void {
    this.#totalEntries += 1;
    this.#totalBytes += sizeBytes;
    const { atMs, wallMs } = entry;
    const gap = this.#gap ?? emptyGap(reason, atMs, wallMs);
    this.#gap = {
      ...gap,
      missingEntries: gap.missingEntries + 1,
      missingBytes: gap.missingBytes + sizeBytes,
      untilMs: atMs,
    };
  }

  /** Counts what others lost and tell of themselves. */
  count(entries: number, sizeBytes: number): void {
    this.#totalEntries += entries;
    this.#totalBytes += sizeBytes;
  }

  /** Everything from the start is gone, whatever was counted before. */
  addAll(entries: number, sizeBytes: number, reason: string, startedWallMs: number): void {
    this.#totalEntries = entries;
    this.#totalBytes += sizeBytes;
    const missing = { missingEntries: entries, missingBytes: this.#totalBytes };
    this.#gap = { ...emptyGap(reason, 0, startedWallMs), ...missing };
  }

  /** The gap entry that is due, if one is. It ends at `untilMs`, or else with the last entry dropped. */
  takeGap(untilMs: number | null): GapEntry | null {
    const gap = this.#gap;
    this.#gap = null;
    if (gap === null || untilMs === null) return gap;
    return { ...gap, untilMs };
  }
}

function emptyGap(reason: string, atMs: number, wallMs: number): GapEntry {
  const counts = { missingEntries: 0, missingBytes: 0, untilMs: atMs };
  return { kind: "gap", connection: 0, atMs, wallMs, reason, ...counts };
}

/** What goes with blocks that will not be in a file. */
export interface LostBlocks {
  readonly entries: number;
  readonly bytes: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** What is lost with blocks that were given up, and with those that come after them and were never written; null when nothing is. */
export function sumLost(
  given: readonly BlockHeader[],
  unwritten: readonly NewBlock[],
): LostBlocks | null {
  const written = given.map((facts) => ({ facts, bytes: facts.inflatedBytes }));
  const others = unwritten.map(({ facts, payload }) => ({ facts, bytes: payload.length }));
  const lost = [...written, ...others].filter(({ facts }) => facts.type === "entries");
  const [first, last] = [lost[0]?.facts, lost.at(-1)?.facts];
  if (first === undefined || last === undefined) return null;
  return {
    entries: lost.reduce((sum, { facts }) => sum + facts.entryCount, 0),
    bytes: lost.reduce((sum, { bytes }) => sum + bytes, 0),
    firstAtMs: first.firstAtMs,
    lastAtMs: last.lastAtMs,
  };
}

/** The gap that tells of them. `missingEntries` counts the numbers that are not there: gaps that were to be told may be among them. */
export function gapOf(
  { bytes, firstAtMs, lastAtMs }: LostBlocks,
  missingEntries: number,
  startedWallMs: number,
  reason: string,
): GapEntry {
  const [atMs, wallMs] = [firstAtMs, startedWallMs + firstAtMs];
  const missing = { missingEntries, missingBytes: bytes, untilMs: lastAtMs };
  return { kind: "gap", connection: 0, atMs, wallMs, reason, ...missing };
}
