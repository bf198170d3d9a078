import { isVolatileField, maskText } from "../../gateway/volatile.ts";

const MAX_DEPTH = 64;

/**
 * A key that two values share when they mean the same: fields in one order, without what is new in every run. Meant for looking
 * up: `compareValues` has the last word. Null for a value that is nested too deeply to have one.
 */
export function meaningKey(value: unknown, depth = 0): string | null {
  if (typeof value === "string") return textKey(maskText(value));
  if (typeof value !== "object" || value === null) return String(value);
  if (depth >= MAX_DEPTH) return null;
  const isList = Array.isArray(value);
  let key = "";
  for (const name of isList ? Object.keys(value) : Object.keys(value).toSorted()) {
    const isNew = !isList && isVolatileField(name);
    const own = isNew ? "" : meaningKey(Reflect.get(value, name), depth + 1);
    if (own === null) return null;
    key += isList ? `${own},` : `${textKey(name)}${own},`;
  }
  return isList ? `[${key}]` : `{${key}}`;
}

// With its length before it no text can be taken for the end of itself and the beginning of another.
function textKey(text: string): string {
  return `${text.length}"${text}`;
}
