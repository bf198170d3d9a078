import type { FrameRow } from "./frame-row.ts";

/** A filter that was understood. */
export interface FrameFilter {
  readonly text: string;
  matches(row: FrameRow): boolean;
}

/** A filter as typed: understood, or the reason why not. */
export type ParsedFilter =
  | { readonly ok: true; readonly filter: FrameFilter | null }
  | { readonly ok: false; readonly position: number; readonly reason: string };

type Predicate = (row: FrameRow) => boolean;

const WORDS: Readonly<Record<string, Predicate>> = {
  ok: (row) => row.ok === true,
  "!ok": (row) => row.ok === false,
  problem: (row) => row.problem,
  "!problem": (row) => !row.problem,
};

const FIELDS: Readonly<Record<string, (row: FrameRow) => string>> = {
  conn: (row) => `c${row.connection}`,
  type: (row) => row.type,
  method: (row) => row.method,
  from: (row) => row.from ?? "",
  result: (row) => row.result,
};

/**
 * Reads what the filter box holds: terms joined by `&&`, each a word (`ok`, `!ok`, `problem`), a comparison (`conn==c2`,
 * `method~chat`, `type!=evt`) or plain text to look for in method and result. An empty text is no filter.
 */
export function parseFilter(text: string): ParsedFilter {
  const predicates: Predicate[] = [];
  let position = 0;
  for (const part of text.split("&&")) {
    const term = part.trim();
    const parsed = term === "" ? "expected a term" : parseTerm(term);
    if (typeof parsed === "string") {
      if (text.trim() === "") return { ok: true, filter: null };
      return {
        ok: false,
        position: position + part.length - part.trimStart().length,
        reason: parsed,
      };
    }
    predicates.push(parsed);
    position += part.length + "&&".length;
  }
  return {
    ok: true,
    filter: { text: text.trim(), matches: (row) => predicates.every((matches) => matches(row)) },
  };
}

function parseTerm(term: string): Predicate | string {
  const word = Object.hasOwn(WORDS, term) ? WORDS[term] : undefined;
  if (word !== undefined) return word;
  const comparison = /^(\w+)\s*(==|!=|~)\s*(.*)$/.exec(term);
  const begun = /^(\w+)\s*[=!~]$/.exec(term)?.[1];
  if (begun !== undefined && Object.hasOwn(FIELDS, begun))
    return "expected ==, != or ~ and a value";
  if (comparison === null) return contains((row) => `${row.method} ${row.result}`, term);
  const [, name = "", operator, wanted = ""] = comparison;
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined) return `no field ${name}; there are ${Object.keys(FIELDS).join(", ")}`;
  if (wanted === "") return "expected a value";
  switch (operator) {
    case "==":
      return (row) => field(row) === wanted;
    case "!=":
      return (row) => field(row) !== wanted;
    default:
      return contains(field, wanted);
  }
}

function contains(field: (row: FrameRow) => string, wanted: string): Predicate {
  const lower = wanted.toLowerCase();
  return (row) => field(row).toLowerCase().includes(lower);
}
