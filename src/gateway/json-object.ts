import { parseJson } from "./parse-json.ts";

/** A JSON object: what every frame is, whatever fields it has. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object that is neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for an object or a list. */
export function isJsonContainer(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

/**
 * What an object itself has under a name; undefined for what every object inherits, such as `constructor`. Names may come from the
 * wire, so this is the only way in which a field is read by a name that could be any text.
 */
export function ownField<V>(
  object: Readonly<Record<string, V>> | undefined,
  name: string,
): V | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

const MAX_DEPTH = 1000;

/** Reads a text as a JSON object; null when it is something else, or nested so deep that it could not be written again. */
export function parseJsonObject(text: string): JsonObject | null {
  const value = isTooDeep(text) ? undefined : parseJson(text);
  return isJsonObject(value) ? value : null;
}

/**
 * True for JSON nested so deep that `JSON.stringify` would overflow the stack, though `JSON.parse` does not. Counts
 * brackets in strings as well: a text with a thousand more opening than closing ones is no frame of any Gateway.
 */
export function isTooDeep(text: string): boolean {
  if (text.length < MAX_DEPTH) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
