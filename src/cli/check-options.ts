import { closest } from "fastest-levenshtein";
import { GwTraceError } from "../errors.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import { PROFILES } from "../gateway/profile.ts";
import { OPERATOR_SCOPES } from "../gateway/scopes.ts";

const SEVERITIES = ["error", "warning", "info"];

// "missing-scope-dropped" stands in the families "missing-scope" and "missing" too.
const CODES = Object.keys(CATALOGUE);
const FAMILIES = CODES.flatMap((code) => {
  const parts = code.split("-");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("-"));
});

/**
 * Reads what fails a check: severities, finding codes and families; `none` alone for nothing.
 * @throws {GwTraceError} USAGE
 */
export function parseFailOn(values: readonly string[]): readonly string[] {
  if (values.length === 1 && values[0] === "none") return [];
  const known = [...SEVERITIES, ...CODES, ...FAMILIES];
  for (const value of values) {
    if (known.includes(value)) continue;
    const nearest = closest(value, [...SEVERITIES, ...CODES, ...new Set(FAMILIES)]);
    throw new GwTraceError(
      "USAGE",
      value === "none"
        ? "--fail-on none goes with nothing else"
        : `--fail-on: there is no severity, finding or family "${value}"; the nearest is ${nearest}`,
      "gw-trace findings lists them all.",
    );
  }
  return values;
}

/** A scope by its full name; `write` stands for `operator.write`. */
export function parseScope(scope: string): string {
  const known = new Set([
    ...OPERATOR_SCOPES,
    ...PROFILES.flatMap(({ methods }) => Object.keys(methods)),
  ]);
  return known.has(`operator.${scope}`) ? `operator.${scope}` : scope;
}
