import { asksOf, matchesFilter, type Filter } from "../filter/filter.ts";
import { parseFilter } from "../filter/parse.ts";
import { asksOneEntry, SubjectReader } from "../filter/subject.ts";
import type { Entry } from "../recording/entry.ts";

/** A filter that can be asked while recordings are read for their traces, so that they are not read twice. */
export class EarlyFilter {
  /** True when it searches the texts of messages. */
  readonly asksForText: boolean;
  readonly #filter: Filter;
  readonly #subjects = new SubjectReader(null, []);

  /** Null for an expression that needs the traces first, or is none: whoever has the traces says why. */
  static of(expression: string | undefined): EarlyFilter | null {
    const parsed = expression === undefined ? null : parseFilter(expression);
    return parsed?.ok === true && asksOneEntry(parsed.filter)
      ? new EarlyFilter(parsed.filter)
      : null;
  }

  private constructor(filter: Filter) {
    this.#filter = filter;
    this.asksForText = asksOf(filter).has("text");
  }

  /** The same blocks; what of them matches is put into `matched`. */
  async *watch(
    blocks: AsyncIterable<readonly Entry[]>,
    matched: Map<number, number>,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    for await (const block of blocks) {
      addMatches(matched, this.#filter, this.#subjects, block);
      yield block;
    }
  }
}

/** Adds to `matched` which of the entries the filter lets through, with the connection of each. */
export function addMatches(
  matched: Map<number, number>,
  filter: Filter,
  subjects: SubjectReader,
  entries: readonly Entry[],
): void {
  for (const entry of entries)
    if (matchesFilter(filter, subjects.read(entry))) matched.set(entry.entry, entry.connection);
}
