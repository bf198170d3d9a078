import { GwTraceError } from "../errors.ts";
import type { Headers } from "../wire/message.ts";

/** An import is refused rather than let it take more memory than a command may: 500 MB, of which the program itself takes a part. */
export const MAX_IMPORT_BYTES: number = 220_000_000;

/** Measured on V8: what an item of a list or a field takes once it is parsed, its characters aside, at most. */
const VALUE_BYTES = 75;

/** Recordings hold times in whole microseconds, and the difference of two of them must be exact, too. */
export const MAX_MS: number = Number.MAX_SAFE_INTEGER / 4000;

/** True for a time, in milliseconds, that a recording can hold. */
export function isRecordableMs(ms: number): boolean {
  return Math.abs(ms) <= MAX_MS;
}

/** Of a larger head, the tap records nothing either. */
const MAX_HEAD_BYTES = 256 * 1024;

/**
 * How much memory a JSON text and what it says take at most, in bytes. It is counted before anything is parsed, in one pass: two bytes of JSON may become
 * fifty in memory.
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

/** True for a text that would take more than an import may when it is parsed as JSON. */
export function isTooLargeAsJson(text: string): boolean {
  // Most texts are far too short to look at.
  return text.length * VALUE_BYTES > MAX_IMPORT_BYTES && estimateJsonBytes(text) > MAX_IMPORT_BYTES;
}

/** True for headers that no server takes, and that no recording would hold. */
export function isHeadTooLarge(headers: Headers): boolean {
  let sizeBytes = 0;
  for (const [name, value] of headers) sizeBytes += name.length + value.length + 4;
  return sizeBytes > MAX_HEAD_BYTES;
}

/** What there is to say of a file that would take too much memory. */
export function tooLargeToImport(name: string, what: string, hint: string): GwTraceError {
  return new GwTraceError("NOT_A_RECORDING", `${name} is too large to import: ${what}`, hint);
}
