import type { NewEntry, NewRecordingHeader } from "../recording/entry.ts";

const MAX_PROBLEMS = 20;
const MAX_NOTES = 100;

/** What an importer has to say about its input. Whole only when all of it was read. */
export class ImportRemarks {
  readonly #problems: string[] = [];
  readonly #notes: string[] = [];
  #skipped = 0;

  /** How many lines, or entries of a HAR, could not be used. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The first of them, each with its place and the reason. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What is worth knowing about the input as a whole, each thing said once. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Something could not be used and is left out. `place` is as in `line 3`. */
  skip(place: string, why: string): void {
    this.#skipped += 1;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(`${place}: ${why}`);
  }

  note(note: string): void {
    if (this.#notes.length < MAX_NOTES && !this.#notes.includes(note)) this.#notes.push(note);
  }
}

/** A file of another program as a recording that is not written yet. Its entries are still as in the file: writing them redacts. */
export interface Imported<Entries = Iterable<NewEntry> | AsyncIterable<NewEntry>> {
  readonly header: NewRecordingHeader;
  /** To be read once. */
  readonly entries: Entries;
  /** Whole when the entries have been read. */
  readonly remarks: ImportRemarks;
}

/** The header where the file has none of its own; `startedMs` is since the Unix epoch. */
export function importedHeader(startedMs: number, upstream: string | null): NewRecordingHeader {
  return {
    source: "import",
    startedAt: new Date(startedMs).toISOString(),
    upstream,
    listen: null,
    redaction: "off",
    replayOf: [],
    assumedPeer: null,
  };
}
