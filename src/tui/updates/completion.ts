import { FIELDS, type FieldName } from "../../filter/fields.ts";
import type { Completion } from "../state.ts";

/** What may come next at the cursor of a filter: fields, or values of the field before it. */
export function completeFilter(
  text: string,
  cursor: number,
  valuesOf: (field: FieldName) => readonly string[],
): Completion | null {
  const before = text.slice(0, cursor);
  const value = /(\w+)\s*(?:==|!=|~)\s*([^\s"()[\]&|,!]*)$/.exec(before);
  if (value !== null) return completeValue(text, cursor, value[1], value[2] ?? "", valuesOf);
  const listed = /(\w+)\s+in\s*[[(][^\])]*?([^\s,[(]*)$/.exec(before);
  if (listed !== null) return completeValue(text, cursor, listed[1], listed[2] ?? "", valuesOf);
  const word = /[a-z]*$/.exec(before)?.[0] ?? "";
  const options = FIELDS.filter((field) => field.startsWith(word)).map(
    (field) => field + (field === "size" || field === "latency" ? ">" : "=="),
  );
  return optionsAt(text, cursor, word, options);
}

/** What may come next at the cursor of a line, out of these words. */
export function optionsAt(
  text: string,
  cursor: number,
  typed: string,
  options: readonly string[],
): Completion | null {
  if (options.length === 0) return null;
  const head = text.slice(0, cursor - typed.length);
  return { head, tail: text.slice(cursor), options, at: -1 };
}

/** The next option of a completion, put into its line. */
export function turnCompletion(
  completion: Completion,
  step: 1 | -1,
): { readonly text: string; readonly cursor: number; readonly completion: Completion } {
  const { head, tail, options } = completion;
  const from = completion.at < 0 && step < 0 ? 0 : completion.at;
  const at = (from + step + options.length) % options.length;
  const line = head + (options[at] ?? "");
  return { text: line + tail, cursor: line.length, completion: { ...completion, at } };
}

function completeValue(
  text: string,
  cursor: number,
  field: string | undefined,
  typed: string,
  valuesOf: (field: FieldName) => readonly string[],
): Completion | null {
  if (!isField(field)) return null;
  const wanted = typed.toLowerCase();
  const values = valuesOf(field)
    .filter((value) => /^[^\s"()[\],!<>=~&|]+$/.test(value))
    .toSorted();
  const first = values.filter((value) => value.toLowerCase().startsWith(wanted));
  const inside = values.filter((value) => value.toLowerCase().indexOf(wanted) > 0);
  return optionsAt(text, cursor, typed, [...first, ...inside]);
}

function isField(text: string | undefined): text is FieldName {
  return FIELDS.some((field) => field === text);
}
