import { relative, sep } from "node:path";
import { Command, Option } from "commander";
import { GwTraceError, usageError } from "../errors.ts";
import { renderGithubAnnotations } from "../exchange/checks/github-annotations.ts";
import { renderJunit } from "../exchange/checks/junit.ts";
import { buildSarif } from "../exchange/checks/sarif.ts";
import { type CheckResult, checkTraces } from "../findings/check.ts";
import { diagnose } from "../findings/diagnose.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { look, namesIn } from "../gateway/measured.ts";
import { OPERATOR_SCOPES } from "../gateway/scopes.ts";
import { renderCheck, renderCheckConclusion } from "../views/check.ts";
import { applyFilter, FILTER_HELP } from "./filter-option.ts";
import { assertFindingName } from "./finding-names.ts";
import { print, renderJson, styleFor } from "./output.ts";
import { parseDurationMs, readQuantity } from "./parse-quantity.ts";
import { profileOption, type ProfileOptions, readProfiles } from "./profile-option.ts";
import { OpenRecordings } from "./read-traces.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";

const FORMATS = ["text", "json", "junit", "sarif", "github"] as const;

interface CheckOptions extends ProfileOptions {
  readonly failOn?: readonly string[];
  readonly expectMethod?: readonly string[];
  readonly forbidMethod?: readonly string[];
  readonly expectScope?: readonly string[];
  readonly maxLatency?: string;
  readonly filter?: string;
  readonly format?: (typeof FORMATS)[number];
  readonly json?: true;
}

/** `gw-trace check <recording...>`: fails when recordings show what they should not, for CI. */
export function checkCommand(): Command {
  return new Command("check")
    .argument("<recording...>", RECORDINGS_HELP)
    .option("--fail-on <finding,...>", "severities, finding codes or families, or none (default: error)", collect)
    .option("--expect-method <method,...>", "fails unless it was called and answered ok", collect)
    .option("--forbid-method <method,...>", "fails when it was called", collect)
    .option("--expect-scope <scope,...>", "fails unless every accepted connection holds it", collect)
    .option("--max-latency <duration>", "fails when a call took longer, such as 2s or 500ms")
    .option("--filter <expression>", FILTER_HELP)
    .addOption(profileOption())
    .addOption(
      new Option("--format <format>", "default: github where GITHUB_ACTIONS is set, else text").choices(FORMATS),
    )
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      "\nExit code 0 when all is well, 1 when something fails, 2 for wrong usage.",
    )
    .action(check); // prettier-ignore
}

async function check(names: readonly string[], options: CheckOptions): Promise<void> {
  const expectations = {
    failOn: parseFailOn(options.failOn ?? ["error"]),
    expectMethods: options.expectMethod ?? [],
    forbidMethods: options.forbidMethod ?? [],
    expectScopes: (options.expectScope ?? []).map(parseScope),
    maxLatencyMs:
      options.maxLatency === undefined
        ? null
        : readQuantity("--max-latency", options.maxLatency, parseDurationMs, "2s"),
  };
  await using recordings = await OpenRecordings.open(names, options.filter, readProfiles(options));
  const all = { traces: recordings.traces, findings: diagnose(recordings.traces) };
  const { traces, findings } =
    options.filter === undefined
      ? all
      : await applyFilter(options.filter, recordings, all.findings);
  if (options.filter !== undefined && traces.every(({ connections }) => connections.length === 0))
    throw matchesNothing(options.filter);
  const result = checkTraces(traces, findings, expectations);
  print(render(result, formatOf(options), recordings));
  if (!result.passed) process.exitCode = 1;
}

function formatOf({ format, json }: CheckOptions): (typeof FORMATS)[number] {
  if (json === true) return "json";
  return format ?? ((process.env["GITHUB_ACTIONS"] ?? "") === "" ? "text" : "github");
}

function render(
  result: CheckResult,
  format: (typeof FORMATS)[number],
  recordings: OpenRecordings,
): string {
  const pathOf = (recording: string) => pathFromHere(recordings, recording);
  switch (format) {
    case "text":
      return renderCheck(result, styleFor(process.stdout, process.env));
    case "json":
      return renderJson(result);
    case "junit":
      return renderJunit(result);
    case "sarif":
      return renderJson(buildSarif(result, (name) => encodeURI(pathOf(name))));
    case "github":
      return `${renderGithubAnnotations(result, pathOf)}${renderCheckConclusion(result)}\n`;
  }
}

// Reports name files as the repository does: from here, with slashes.
function pathFromHere({ readers }: OpenRecordings, recording: string): string {
  const path = readers.find(({ name }) => name === recording)?.path ?? null;
  return path === null ? recording : relative(process.cwd(), path).split(sep).join("/");
}

function matchesNothing(filter: string): GwTraceError {
  return usageError(
    `--filter ${filter} matches nothing in these recordings, so there is nothing to check`,
    "Choose a filter that matches, or check without one.",
  );
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  const values = value.split(",").map((one) => one.trim());
  return [...(before ?? []), ...values.filter((one) => one !== "")];
}

const SEVERITIES = ["error", "warning", "info"];

/**
 * Reads what fails a check: severities, finding codes and families; `none` alone for nothing.
 * @throws {GwTraceError} USAGE
 */
export function parseFailOn(values: readonly string[]): readonly string[] {
  if (values.length === 1 && values[0] === "none") return [];
  if (values.includes("none")) {
    throw usageError("--fail-on none goes with nothing else", "gw-trace findings lists what does.");
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
