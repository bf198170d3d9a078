import { GwTraceError } from "../errors.ts";
import { FIELDS } from "../filter/fields.ts";
import { asksOf, type Filter } from "../filter/filter.ts";
import { narrowTrace, type Matched } from "../filter/narrow.ts";
import { parseFilter } from "../filter/parse.ts";
import { buildVocabulary, SubjectReader } from "../filter/subject.ts";
import type { Finding } from "../findings/finding.ts";
import type { Trace } from "../trace/model.ts";
import { addMatches } from "./early-filter.ts";
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
  const parsed = parseFilter(expression, buildVocabulary(recordings.traces));
  if (!parsed.ok) {
    const { position, message } = parsed.problem;
    throw new GwTraceError(
      "USAGE",
      `--filter, position ${position}: ${message}`,
      `The fields are ${FIELDS.join(", ")}; compare with == != ~ < > in, combine with && || !.`,
    );
  }
  const matched: Matched[] = [];
  for (const [index, trace] of recordings.traces.entries()) {
    matched.push(
      recordings.matched[index] ??
        (await matchEntries(parsed.filter, recordings, index, trace, findings)),
    );
  }
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

async function matchEntries(
  filter: Filter,
  { readers }: OpenRecordings,
  index: number,
  trace: Trace,
  findings: readonly Finding[],
): Promise<Matched> {
  const subjects = new SubjectReader(trace, findings);
  const matched = new Map<number, number>();
  const reader = readers[index];
  if (reader === undefined) return matched;
  const how = { deferTexts: !asksOf(filter).has("text") };
  for await (const entries of blocksWithProgress(reader, "filtering", how))
    addMatches(matched, filter, subjects, entries);
  return matched;
}
