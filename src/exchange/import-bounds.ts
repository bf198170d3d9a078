import { GwTraceError } from "../errors.ts";
import type { Headers } from "../wire/message.ts";

/** An import is refused rather than let it take more memory than a command may: 500 MB, of which the program itself takes a part. */
export const MAX_IMPORT_BYTES: number = 220_000_000;

/** Recordings hold times in whole microseconds, and the difference of two of them must be exact, too. */
export const MAX_MS: number = Number.MAX_SAFE_INTEGER / 4000;

/** True for a time, in milliseconds, that a recording can hold. */
export function isRecordableMs(ms: number): boolean {
  return Math.abs(ms) <= MAX_MS;
}

/** Of a larger head, the tap records nothing either. */
const MAX_HEAD_BYTES = 256 * 1024;

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
