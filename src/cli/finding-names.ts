import { closest } from "fastest-levenshtein";
import { usageError } from "../errors.ts";
import { CATALOGUE } from "../findings/catalogue.ts";

const CODES = Object.keys(CATALOGUE);

/** What a user may write for findings: the codes, then the families, `missing-scope` and `missing` for all that begin so. */
export const FINDING_NAMES: readonly string[] = [
  ...new Set([
    ...CODES,
    ...CODES.flatMap((code) => {
      const parts = code.split("-");
      return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("-"));
    }),
  ]),
];

/**
 * Holds that a word names a finding or a family, or is one of the other words that go there.
 * @throws {GwTraceError} USAGE, naming the nearest
 */
export function assertFindingName(
  option: string,
  word: string,
  others: readonly string[] = [],
): void {
  const known = [...others, ...FINDING_NAMES];
  if (known.includes(word)) return;
  const kinds = others.length === 0 ? "finding" : "severity, finding or family";
  throw usageError(
    `${option}: there is no ${kinds} ${word}; the nearest is ${closest(word, known)}`,
    "gw-trace findings lists them all.",
  );
}
