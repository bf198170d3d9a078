import { asksOf, matchesFilter, type Filter } from "../filter/filter.ts";
import { Occurring } from "../filter/occurring.ts";
import { parseFilter } from "../filter/parse.ts";
import { asksOneEntry, SubjectReader } from "../filter/subject.ts";
import type { Entry } from "../recording/entry.ts";

/** A filter that can be asked while recordings are read for their traces, so that they are not read twice. */
export class EarlyFilter {
  /** True when it searches the texts of messages. */
  readonly asksForText: boolean;
  /** Which of its values occur in what was read. */
  readonly occurring: Occurring;
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
    this.occurring = new Occurring(filter);
    this.asksForText = asksOf(filter).has("text");
  }

  /** The same blocks; what of them matches is put into `matched`. */
  async *watch(
    blocks: AsyncIterable<readonly Entry[]>,
    matched: Map<number, number>,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    for await (const block of blocks) {
      addMatches(
        matched,
        { filter: this.#filter, occurring: this.occurring },
        this.#subjects,
        block,
      );
      yield block;
    }
  }
}

/** Adds to `matched` which of the entries the filter lets through, with the connection of each, and looks which of its values occur. */
export function addMatches(
  matched: Map<number, number>,
  { filter, occurring }: { readonly filter: Filter; readonly occurring: Occurring },
  subjects: SubjectReader,
  entries: readonly Entry[],
): void {
  for (const entry of entries) {
    const subject = subjects.read(entry);
    occurring.look(subject);
    if (matchesFilter(filter, subject)) matched.set(entry.entry, entry.connection);
  }
}
