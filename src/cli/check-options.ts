import { GwTraceError } from "../errors.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { look, namesIn } from "../gateway/measured.ts";
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
  const name = `operator.${scope}`;
  const isKnown =
    OPERATOR_SCOPES.includes(name) ||
    measuredProfiles().some(({ methods }) =>
      namesIn(methods).some((method) => look(methods, method) === name),
    );
  return isKnown ? name : scope;
}
