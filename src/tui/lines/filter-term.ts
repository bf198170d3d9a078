import type { FieldName } from "../../filter/fields.ts";
import type { Finding } from "../../findings/finding.ts";
import type { FrameRow } from "../reading/frame-row.ts";
import type { TreeLine } from "./json-tree.ts";

// Places in a frame that a field of the filter language stands for.
const FIELD_OF_PATH: readonly (readonly [RegExp, FieldName])[] = [
  [/^\$\.method$/, "method"],
  [/^\$\.event$/, "event"],
  [/^\$\.id$/, "id"],
  [/^\$\.ok$/, "ok"],
  [/^\$\.error\.(?:code|details\.code)$/, "code"],
  [/[sS]copes\[\d+\]$/, "scope"],
];

// Longer texts are seldom said twice.
const MAX_TEXT = 200;

/** A filter that finds what is like a line of the frames: its method or event, else its connection. */
export function termOfRow({ type, method, connection }: FrameRow): string | null {
  if (type === "evt") return compare("event", method);
  if ((type === "req" || type === "res") && method !== "") return compare("method", method);
  return connection === 0 ? null : `conn==c${connection}`;
}

/** A filter that finds the value on a line of the detail; null where no filter can. */
export function termOfLine({ kind, path, value }: TreeLine): string | null {
  if (kind !== "leaf") return null;
  const field = FIELD_OF_PATH.find(([place]) => place.test(path))?.[1];
  if (field !== undefined) return compare(field, String(value));
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT
    ? quote(JSON.stringify(value).slice(1, -1))
    : null;
}

/** A filter that finds the evidence of a finding. */
export function termOfFinding({ code }: Finding): string {
  return compare("finding", code);
}

/** A filter with a condition more, which must hold or must not; the same filter when it says so already. */
export function narrow(filter: string, term: string, wanted: boolean): string {
  const condition = wanted ? term : negate(term);
  if (filter === "") return condition;
  if (filter.split(" && ").includes(condition)) return filter;
  return `${filter.includes("||") ? `(${filter})` : filter} && ${condition}`;
}

function negate(term: string): string {
  return term.startsWith('"') ? `!${term}` : term.replace("==", "!=");
}

function compare(field: FieldName, value: string): string {
  return `${field}==${/^[\w.:-]+$/.test(value) ? value : quote(value)}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
