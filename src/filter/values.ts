import { closest } from "fastest-levenshtein";
import { CATALOGUE } from "../findings/catalogue.ts";
import { NUMBER_UNITS, SUBJECT_TYPES, type FieldName, type Operator } from "./fields.ts";
import type { Value } from "./filter.ts";
import { ownField } from "../gateway/json-object.ts";

/** A value, or why the text is none for that field. */
export type ParsedValue =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

/** The values of the fields that take no others. */
export const FIXED_VALUES: Readonly<Partial<Record<FieldName, ReadonlySet<string>>>> = {
  type: new Set(SUBJECT_TYPES),
  from: new Set(["client", "gateway"]),
  ok: new Set(["true", "false"]),
  finding: new Set(Object.keys(CATALOGUE).flatMap(familiesOf)),
};

/** Reads the value that a field is compared with. */
export function parseValue(field: FieldName, operator: Operator, text: string): ParsedValue {
  const units = NUMBER_UNITS[field];
  if (units !== undefined) return parseNumber(field, text, units);
  if (operator === "<" || operator === ">")
    return fail(`${field} is no number; < and > compare conn, size and latency`);
  const known = operator === "~" ? undefined : FIXED_VALUES[field];
  if (known?.has(text) === false) return fail(describeUnknown(field, text, known));
  return { ok: true, value: field === "ok" ? text === "true" : text };
}

function parseNumber(
  field: FieldName,
  written: string,
  units: Readonly<Record<string, number>>,
): ParsedValue {
  const text = field === "conn" ? written.replace(/^[c#]/, "") : written;
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text);
  const factor = ownField(units, match?.[2]?.toLowerCase() ?? "");
  if (match === null || factor === undefined) {
    const names = Object.keys(units).filter((unit) => unit !== "");
    return fail(
      `"${text}" is no ${field}${names.length === 0 ? "" : `; write a number with ${names.join(", ")} or no unit`}`,
    );
  }
  return { ok: true, value: Number(match[1]) * factor };
}

/** Why no such value is to be had, and which one is the nearest. */
export function describeUnknown(
  field: FieldName,
  text: string,
  known: ReadonlySet<string>,
): string {
  if (known.size === 0) return `there is no ${field} at all here`;
  return `there is no ${field} "${text}" here; the nearest is ${nearest(text, known)}`;
}

// "write" is as good a word for a scope as "operator.write".
function nearest(text: string, known: ReadonlySet<string>): string {
  const prefix = text.includes(".") ? "" : "operator.";
  const names = [...known].map((name) =>
    name.startsWith(prefix) ? name.slice(prefix.length) : name,
  );
  return closest(text, names);
}

// "missing-scope-dropped" stands in the families "missing-scope" and "missing" too.
function familiesOf(code: string): readonly string[] {
  const parts = code.split("-");
  return parts.map((_, index) => parts.slice(0, index + 1).join("-"));
}

function fail(message: string): ParsedValue {
  return { ok: false, message };
}
