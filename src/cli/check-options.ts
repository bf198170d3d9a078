import { GwTraceError } from "../errors.ts";
import { PROFILES } from "../gateway/profile.ts";
import { OPERATOR_SCOPES } from "../gateway/scopes.ts";
import { assertFindingName } from "./finding-names.ts";

const SEVERITIES = ["error", "warning", "info"];

/**
 * Reads what fails a check: severities, finding codes and families; `none` alone for nothing.
 * @throws {GwTraceError} USAGE
 */
export function parseFailOn(values: readonly string[]): readonly string[] {
  if (values.length === 1 && values[0] === "none") return [];
  if (values.includes("none")) {
    throw new GwTraceError(
      "USAGE",
      "--fail-on none goes with nothing else",
      "gw-trace findings lists what does.",
    );
  }
  for (const value of values) assertFindingName("--fail-on", value, SEVERITIES);
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
