import { usageError } from "../errors.ts";
import { ownField } from "../gateway/json-object.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const UNIT_BYTES: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 }; // prettier-ignore

/** Reads a duration such as `90s`, `5m` or `1.5h`; null when it is none. */
export function parseDurationMs(text: string): number | null {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  return number === undefined ? null : Number(number) * (ownField(UNIT_MS, unit) ?? 0);
}

/** Reads a size such as `256MB` or `1.5 GB`, in powers of 1000 as they are printed; null when it is none. */
export function parseSizeBytes(text: string): number | null {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?b)$/i.exec(text.trim()) ?? [];
  return number === undefined
    ? null
    : Number(number) * (ownField(UNIT_BYTES, unit.toLowerCase()) ?? 0);
}

/**
 * Reads the value of an option with the parser given.
 * @throws {GwTraceError} USAGE
 */
export function readQuantity(
  option: string,
  text: string,
  parse: (text: string) => number | null,
  example: string,
): number {
  const value = parse(text);
  if (value !== null && value > 0) return value;
  throw usageError(`${option} ${text} cannot be read`, `Write it as in ${option} ${example}.`);
}
