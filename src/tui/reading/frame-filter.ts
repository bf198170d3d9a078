import type { FieldName } from "../../filter/fields.ts";
import { matchesFilter, type Filter } from "../../filter/filter.ts";
import { parseFilter } from "../../filter/parse.ts";
import { buildVocabulary } from "../../filter/subject.ts";
import type { FilterProblem } from "../../filter/tokens.ts";
import type { Vocabulary } from "../../filter/values.ts";
import type { Entry } from "../../recording/entry.ts";
import type { RowSubjects } from "./row-subjects.ts";
import type { RecordingState, State } from "../state.ts";

/** A filter that was understood, and what it needs to be answered. */
export interface FrameFilter {
  readonly text: string;
  readonly filter: Filter;
  /** True when rows do not know enough: the bodies of the messages have to be read. */
  readonly readsBodies: boolean;
  /** True when the answer changes with the findings. */
  readonly asksFindings: boolean;
}

/** A filter as typed: understood (null when nothing is typed), or the problem and its place. */
export type ParsedFrameFilter =
  | { readonly ok: true; readonly filter: FrameFilter | null }
  | { readonly ok: false; readonly problem: FilterProblem };

const BODY_FIELDS: ReadonlySet<FieldName> = new Set(["id", "scope"]);

/** Reads what the filter box holds. Names that do not occur are problems only once the whole recording is read: they may yet come. */
export function parseFrameFilter(text: string, recording: RecordingState): ParsedFrameFilter {
  if (text.trim() === "") return { ok: true, filter: null };
  const parsed = parseFilter(text, knownWords(recording));
  if (!parsed.ok) return parsed;
  const { filter } = parsed;
  return {
    ok: true,
    filter: {
      text: text.trim(),
      filter,
      readsBodies: asks(filter, (term) => term === "text" || BODY_FIELDS.has(term)),
      asksFindings: asks(filter, (term) => term === "finding"),
    },
  };
}

/** The values that occur, for completion and for saying what was misspelt; none while more are to come. */
export function knownWords({ trace, complete, readCount, entryCount }: RecordingState): Vocabulary {
  return complete && readCount >= entryCount ? buildVocabulary([trace]) : {};
}

/** Which of these entries the filter lets through. */
export function pickEntries(
  { source }: State,
  { filter }: FrameFilter,
  subjects: RowSubjects,
  entries: readonly Entry[],
): readonly number[] {
  return entries
    .filter((entry) => matchesFilter(filter, subjects.readBody(source.row(entry.entry), entry)))
    .map(({ entry }) => entry);
}

function asks(filter: Filter, isAsked: (term: FieldName | "text") => boolean): boolean {
  switch (filter.kind) {
    case "and":
    case "or":
      return asks(filter.left, isAsked) || asks(filter.right, isAsked);
    case "not":
      return asks(filter.of, isAsked);
    case "text":
      return isAsked("text");
    case "compare":
      return isAsked(filter.field);
  }
}
