import type { Entry, GapEntry } from "./entry.ts";

/**
 * Finds what a damaged file lost: the numbers of the entries tell. What a gap of the recorder explains already is not told twice. Feed it
 * all entries in recorded order.
 */
export class HoleFinder {
  #last: Entry | null = null;

  /** A gap in place of the entries that are missing before this one; null when none is. */
  before(entry: Entry): Entry | null {
    const last = this.#last;
    this.#last = entry;
    const explained = entry.kind === "gap" ? entry.missingEntries : 0;
    const missingEntries = entry.entry - (last?.entry ?? 0) - 1 - explained;
    return missingEntries > 0 ? holeBefore(entry, last, missingEntries) : null;
  }
}

/** Puts a gap where a damaged file lost entries, so that who reads only the entries knows of it. */
export async function* tellHoles(
  entries: AsyncIterable<Entry>,
): AsyncGenerator<Entry, void, undefined> {
  const holes = new HoleFinder();
  for await (const entry of entries) {
    const hole = holes.before(entry);
    if (hole !== null) yield hole;
    yield entry;
  }
}

/** What `copiedEntries` reads. */
interface CopiedRecording {
  readonly entryCount: number;
  readonly complete: boolean;
  entries(): AsyncIterable<Entry>;
}

/**
 * All entries of a recording for a copy, which then tells what its original misses: with a gap in place of each that a damaged file lost, and one
 * at the end of a recording that was not closed.
 */
export async function* copiedEntries(
  recording: CopiedRecording,
): AsyncGenerator<Entry, void, undefined> {
  let last: Entry | null = null;
  for await (const entry of tellHoles(recording.entries())) {
    last = entry;
    yield entry;
  }
  // Both are known only now.
  const missingEntries = recording.entryCount - (last?.entry ?? 0);
  if (missingEntries <= 0 && recording.complete) return;
  const { atMs = 0, wallMs = 0 } = last ?? {};
  yield {
    kind: "gap",
    entry: recording.entryCount + 1,
    connection: 0,
    atMs,
    wallMs,
    reason: "the recording was not closed: what came after is not known",
    missingEntries: Math.max(0, missingEntries),
    missingBytes: 0,
    untilMs: atMs,
  };
}

function holeBefore(next: Entry, last: Entry | null, missingEntries: number): Entry {
  const gap: GapEntry = {
    kind: "gap",
    connection: 0,
    atMs: last?.atMs ?? next.atMs,
    wallMs: last?.wallMs ?? next.wallMs,
    reason: "the file is damaged here",
    missingEntries,
    missingBytes: 0,
    untilMs: next.atMs,
  };
  return { ...gap, entry: next.entry - 1 };
}
