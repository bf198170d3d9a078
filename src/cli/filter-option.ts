import { GwTraceError } from "../errors.ts";
import { FIELDS } from "../filter/fields.ts";
import { asksOf, type Filter } from "../filter/filter.ts";
import { narrowTrace, type Matched } from "../filter/narrow.ts";
import { Occurring } from "../filter/occurring.ts";
import { parseFilter } from "../filter/parse.ts";
import { SubjectReader } from "../filter/subject.ts";
import type { FilterProblem } from "../filter/tokens.ts";
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
  const parsed = parseFilter(expression);
  if (!parsed.ok) throw notUsable(parsed.problem);
  const { filter } = parsed;
  const occurring = recordings.occurring ?? new Occurring(filter);
  const matched: Matched[] = [];
  for (const [index, trace] of recordings.traces.entries()) {
    matched.push(
      recordings.matched[index] ??
        (await matchEntries({ filter, occurring }, recordings, index, trace, findings)),
    );
  }
  const problem = occurring.problem();
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
  return new GwTraceError(
    "USAGE",
    `--filter, position ${position}: ${message}`,
    `The fields are ${FIELDS.join(", ")}; compare with == != ~ < > in, combine with && || !.`,
  );
}

async function matchEntries(
  asked: { readonly filter: Filter; readonly occurring: Occurring },
  { readers }: OpenRecordings,
  index: number,
  trace: Trace,
  findings: readonly Finding[],
): Promise<Matched> {
  const subjects = new SubjectReader(trace, findings);
  const matched = new Map<number, number>();
  const reader = readers[index];
  if (reader === undefined) return matched;
  const how = { deferTexts: !asksOf(asked.filter).has("text") };
  for await (const entries of blocksWithProgress(reader, "filtering", how))
    addMatches(matched, asked, subjects, entries);
  return matched;
}
