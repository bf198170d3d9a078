import type { Entry, GapEntry } from "../recording/entry.ts";

/**
 * Puts a gap where a damaged file lost entries, so that who reads only the entries knows of it. The numbers of the entries tell what is
 * lost; what a gap of the recorder explains already is not told twice.
 */
export async function* tellHoles(
  entries: AsyncIterable<Entry>,
): AsyncGenerator<Entry, void, undefined> {
  let last: Entry | null = null;
  for await (const entry of entries) {
    const explained = entry.kind === "gap" ? entry.missingEntries : 0;
    const missingEntries = entry.entry - (last?.entry ?? 0) - 1 - explained;
    if (missingEntries > 0) yield holeBefore(entry, last, missingEntries);
    last = entry;
    yield entry;
  }
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
