import { GwTraceError, usageError } from "../errors.ts";
import { FIELDS } from "../filter/fields.ts";
import { asksOf, type Filter, matchesFilter } from "../filter/filter.ts";
import { type Matched, narrowTrace } from "../filter/narrow.ts";
import { Occurring } from "../filter/occurring.ts";
import { parseFilter } from "../filter/parse.ts";
import { asksOneEntry, SubjectReader } from "../filter/subject.ts";
import type { FilterProblem } from "../filter/tokens.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import { blocksWithProgress } from "./progress-line.ts";
import type { OpenRecordings } from "./read-traces.ts";

/** What `--filter` says of itself in every command's help. */
export const FILTER_HELP = "only what matches, such as 'type==res && !ok' or 'method~sessions'";

/** Traces narrowed to what a filter lets through. */
export interface Filtered {
  readonly traces: readonly Trace[];
  readonly findings: readonly Finding[];
  /** The entries that match, by recording, in the order of the traces. */
  readonly matched: readonly Matched[];
}

/**
 * Applies a filter expression to recordings that were opened with it. Findings stay when their connection does.
 * @throws {GwTraceError} USAGE when the expression is no filter, or names what none of the recordings holds
 */
export async function applyFilter(
  expression: string,
  recordings: OpenRecordings,
  findings: readonly Finding[],
): Promise<Filtered> {
  const parsed = parseFilter(expression);
  if (!parsed.ok) throw notUsable(parsed.problem);
  const asked = recordings.asked ?? (await askAgain(parsed.filter, recordings, findings));
  const { matched } = asked;
  const problem = asked.problem();
  if (problem !== null) throw notUsable(problem);
  const traces = recordings.traces.map((trace, index) =>
    narrowTrace(trace, matched[index] ?? new Map()),
  );
  const kept = new Set(
    traces.flatMap(({ recording, connections }) =>
      connections.map(({ id }) => `${recording.name}\n${id}`),
    ),
  );
  return {
    traces,
    matched,
    findings: findings.filter(
      ({ recording, connection }) => connection === null || kept.has(`${recording}\n${connection}`),
    ),
  };
}

function notUsable({ position, message }: FilterProblem): GwTraceError {
  return usageError(
    `--filter, position ${position}: ${message}`,
    `The fields are ${FIELDS.join(", ")}; compare with == != ~ < > in, combine with && || !.`,
  );
}

/** Reads the recordings once more for a filter that needs their traces. */
async function askAgain(
  filter: Filter,
  { readers, traces }: OpenRecordings,
  findings: readonly Finding[],
): Promise<AskedFilter> {
  const asked = new AskedFilter(filter);
  for (const [index, reader] of readers.entries()) {
    const blocks = blocksWithProgress(reader, "filtering", { deferTexts: !asked.asksForText });
    const watched = asked.watch(blocks, new SubjectReader(traces[index] ?? null, findings));
    while ((await watched.next()).done !== true) continue;
  }
  return asked;
}

/** A filter, asked of all entries of recordings. */
export class AskedFilter {
  /** True when it searches the texts of messages. */
  readonly asksForText: boolean;
  /** Which entries it lets through, with the connection of each, by recording. */
  readonly matched: Matched[] = [];
  readonly #filter: Filter;
  readonly #occurring: Occurring;

  constructor(filter: Filter) {
    this.#filter = filter;
    this.#occurring = new Occurring(filter);
    this.asksForText = asksOf(filter).has("text");
  }

  /** One that can be asked while recordings are read for their traces; null for what needs those first, or is no filter: whoever has them says why. */
  static early(expression: string | undefined): AskedFilter | null {
    const parsed = expression === undefined ? null : parseFilter(expression);
    return parsed?.ok === true && asksOneEntry(parsed.filter)
      ? new AskedFilter(parsed.filter)
      : null;
  }

  /** The blocks of the next recording; as they are read, what matches is noted. */
  async *watch(
    blocks: AsyncIterable<readonly Entry[]>,
    subjects = new SubjectReader(null, []),
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    const matched = new Map<number, number>();
    this.matched.push(matched);
    for await (const block of blocks) {
      for (const entry of block) {
        const subject = subjects.read(entry);
        this.#occurring.look(subject);
        if (matchesFilter(this.#filter, subject)) matched.set(entry.entry, entry.connection);
      }
      yield block;
    }
  }

  /** The first of its values that none of them has, if there is one. */
  problem(): FilterProblem | null {
    return this.#occurring.problem();
  }
}
