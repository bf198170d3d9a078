import type { FieldName } from "../../filter/fields.ts";
import { asksOf, matchesFilter, valuesOf, type Filter } from "../../filter/filter.ts";
import { Occurring } from "../../filter/occurring.ts";
import { parseFilter } from "../../filter/parse.ts";
import { SubjectReader } from "../../filter/subject.ts";
import type { FilterProblem } from "../../filter/tokens.ts";
import { FIXED_VALUES } from "../../filter/values.ts";
import type { Entry } from "../../recording/entry.ts";
import type { State } from "../state.ts";
import { subjectOf } from "./frame-index.ts";

/** A filter that was understood, and what it needs to be answered. */
export interface FrameFilter {
  readonly text: string;
  readonly filter: Filter;
  /** True when rows do not know enough: the bodies of the messages have to be read. */
  readonly readsBodies: boolean;
  /** True when the answer changes with the findings. */
  readonly asksFindings: boolean;
  /** Which of its values occur in what was looked at. */
  readonly occurring: Occurring;
}

/** A filter as typed: understood (null when nothing is typed), or the problem and its place. */
export type ParsedFrameFilter =
  | { readonly ok: true; readonly filter: FrameFilter | null }
  | { readonly ok: false; readonly problem: FilterProblem };

/** Reads what the filter box holds. */
export function parseFrameFilter(text: string): ParsedFrameFilter {
  if (text.trim() === "") return { ok: true, filter: null };
  const parsed = parseFilter(text);
  if (!parsed.ok) return parsed;
  const { filter } = parsed;
  const asked = asksOf(filter);
  return {
    ok: true,
    filter: {
      text: text.trim(),
      filter,
      readsBodies: asked.has("text") || asked.has("id"),
      asksFindings: asked.has("finding"),
      occurring: new Occurring(filter),
    },
  };
}

/** What of the filter that holds does not occur, and what is nearest; null until all that there will be has been looked at. */
export function misspeltIn({ recording, frames }: Pick<State, "recording" | "frames">): FilterProblem | null {
  const { complete, readCount, entryCount } = recording;
  const isSeen = complete && readCount >= entryCount && frames.scanned >= readCount;
  return isSeen ? (frames.filter?.occurring.problem() ?? null) : null;
} // prettier-ignore

/** The values that a field has in what was read, or all that it can have. */
export function knownValues({ recording, source }: State, field: FieldName): readonly string[] {
  const fixed = FIXED_VALUES[field];
  if (fixed !== undefined) return [...fixed];
  const subjects = new SubjectReader(recording.trace, []);
  const values = source.looks.flatMap(({ facts }) => valuesOf(subjects.complete(0, facts), field));
  return [...new Set(values.map(String))];
}

/** Tells whether the filter lets an entry through; of one that reads bodies, give the entry itself. */
export function matcherOf(
  { recording, source }: Pick<State, "recording" | "source">,
  { filter, occurring }: FrameFilter,
): (number: number, entry?: Entry) => boolean {
  const subjects = new SubjectReader(recording.trace, recording.findings);
  return (number, entry) => {
    const subject = subjectOf(subjects, source.row(number), entry);
    occurring.look(subject);
    return matchesFilter(filter, subject);
  };
}
