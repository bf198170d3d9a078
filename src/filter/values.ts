import { closest } from "fastest-levenshtein";
import { CATALOGUE } from "../findings/catalogue.ts";
import { NUMBER_UNITS, SUBJECT_TYPES, type FieldName, type Operator } from "./fields.ts";
import type { Value } from "./filter.ts";
import { ownField } from "../gateway/json-object.ts";

/** Values that occur in what is filtered, by field; a field that is not named takes any value. */
export type Vocabulary = Readonly<Partial<Record<FieldName, ReadonlySet<string>>>>;

/** A value, or why the text is none for that field. */
export type ParsedValue =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

const FIXED: Vocabulary = {
  type: new Set(SUBJECT_TYPES),
  from: new Set(["client", "gateway"]),
  ok: new Set(["true", "false"]),
  finding: new Set(Object.keys(CATALOGUE).flatMap(familiesOf)),
};

/** The values that a field is known to take, for completion; empty where any text will do. */
export function fieldValues(field: FieldName, vocabulary: Vocabulary): readonly string[] {
  return [...(FIXED[field] ?? vocabulary[field] ?? [])];
}

/** Reads the value that a field is compared with. */
export function parseValue(
  field: FieldName,
  operator: Operator,
  text: string,
  vocabulary: Vocabulary,
): ParsedValue {
  const units = NUMBER_UNITS[field];
  if (units !== undefined) {
    const parsed = parseNumber(field, text, units);
    const names = vocabulary[field];
    const isUnknown =
      parsed.ok &&
      names !== undefined &&
      !names.has(String(parsed.value)) &&
      operator !== "<" &&
      operator !== ">";
    return isUnknown ? fail(describeUnknown(field, String(parsed.value), names)) : parsed;
  }
  if (operator === "<" || operator === ">")
    return fail(`${field} is no number; < and > compare conn, size and latency`);
  if (operator === "~") return { ok: true, value: text };
  const known = FIXED[field] ?? vocabulary[field];
  if (known !== undefined && !isKnown(known, text))
    return fail(describeUnknown(field, text, known));
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

function isKnown(known: ReadonlySet<string>, text: string): boolean {
  return known.has(text) || known.has(`operator.${text}`);
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
