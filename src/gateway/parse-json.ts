/** A text that would take more memory is not read as JSON, whoever wrote it: two of its bytes may become a hundred. */
const MAX_JSON_BYTES = 150_000_000;

/** Measured on V8: what an item of a list or a field takes once it is parsed, its characters aside. */
const VALUE_BYTES = 75;

/**
 * About how much memory a JSON text and what it says take, in bytes. It is counted before anything is parsed, in one pass; what is made to take
 * much may take twice as much.
 */
export function estimateJsonBytes(text: string): number {
  let values = 0;
  let isWide = false;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) isWide = true;
    if (code === 0x22) inString = !inString;
    else if (inString) at += code === 0x5c ? 1 : 0;
    // An item, or a field, follows each of these: , [ {
    else if (code === 0x2c || code === 0x5b || code === 0x7b) values += 1;
  }
  // Once as the text itself, once in the values.
  return text.length * (isWide ? 2 : 1) * 2 + values * VALUE_BYTES;
}

/** True for a text that `parseJson` does not read, since it would take too much memory. */
export function isTooLargeAsJson(text: string): boolean {
  // Most texts are far too short to look at.
  return text.length * VALUE_BYTES > MAX_JSON_BYTES && estimateJsonBytes(text) > MAX_JSON_BYTES;
}

/** What a JSON text says; undefined when it is none, or would take too much memory. Never throws. */
export function parseJson(text: string): unknown {
  if (isTooLargeAsJson(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
