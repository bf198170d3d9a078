import type { FieldName, Operator, Subject } from "./fields.ts";

/** A parsed filter. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "not"; readonly of: Filter }
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "compare";
      readonly field: FieldName;
      readonly operator: Operator;
      readonly values: readonly Value[];
      /** Where each of the values stands in the text, counted from 1. */
      readonly at: readonly number[];
    };

/** What a field is compared with. */
export type Value = string | number | boolean;

/** True when the subject is what the filter asks for. */
export function matchesFilter(filter: Filter, subject: Subject): boolean {
  switch (filter.kind) {
    case "and":
      return matchesFilter(filter.left, subject) && matchesFilter(filter.right, subject);
    case "or":
      return matchesFilter(filter.left, subject) || matchesFilter(filter.right, subject);
    case "not":
      return !matchesFilter(filter.of, subject);
    case "text":
      return contains(subject.text(), filter.text);
    case "compare":
      return compare(filter, valuesOf(subject, filter.field));
  }
}

/** What a filter asks for: fields, and the text for its bare words. */
export function asksOf(filter: Filter): ReadonlySet<FieldName | "text"> {
  switch (filter.kind) {
    case "and":
    case "or":
      return new Set([...asksOf(filter.left), ...asksOf(filter.right)]);
    case "not":
      return asksOf(filter.of);
    case "text":
      return new Set(["text"]);
    case "compare":
      return new Set([filter.field]);
  }
}

// A field with several values matches when any of them does; `!=` when none is equal.
function compare(
  { field, operator, values: wanted }: Filter & { readonly kind: "compare" },
  actual: readonly Value[],
): boolean {
  const [first] = wanted;
  if (first === undefined) return false;
  switch (operator) {
    case "==":
      return actual.some((value) => equals(field, value, first));
    case "!=":
      return !actual.some((value) => equals(field, value, first));
    case "in":
      return actual.some((value) => wanted.some((one) => equals(field, value, one)));
    case "~":
      return actual.some((value) => contains(String(value), String(first)));
    case "<":
      return actual.some(
        (value) => typeof value === "number" && typeof first === "number" && value < first,
      );
    case ">":
      return actual.some(
        (value) => typeof value === "number" && typeof first === "number" && value > first,
      );
  }
}

/** True when a field's value is the one wanted. A family of findings stands for its members (`finding==missing-scope`), and `write` for `operator.write`. */
export function equals(field: FieldName, actual: Value, wanted: Value): boolean {
  if (actual === wanted || typeof actual !== "string") return actual === wanted;
  if (field === "scope") return actual === `operator.${wanted}`;
  return field === "finding" && actual.startsWith(`${wanted}-`);
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** What a subject has in a field; nothing where it has none. */
export function valuesOf(subject: Subject, field: FieldName): readonly Value[] {
  switch (field) {
    case "size":
      return [subject.sizeBytes];
    case "latency":
      return presentOf(subject.latencyMs);
    case "code":
    case "scope":
    case "finding":
      return subject[field];
    case "conn":
    case "from":
    case "type":
    case "method":
    case "event":
    case "id":
    case "ok":
    case "client":
    case "role":
      return presentOf(subject[field]);
  }
}

function presentOf(value: Value | null): readonly Value[] {
  return value === null ? [] : [value];
}
