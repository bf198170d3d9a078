import { CATALOGUE } from "../../findings/catalogue.ts";
import { EXPECTATION_RULES, type CheckItem, type CheckResult } from "../../findings/check.ts";
import type { Severity } from "../../findings/catalogue.ts";
import { nameCheck, renderCheckPlace } from "../../views/check.ts";
import { toPrintable } from "../../views/printable.ts";
import { TOOL_VERSION } from "../../version.ts";

type Level = "error" | "warning" | "note";

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly defaultConfiguration: { readonly level: Level };
}

const SAYS: Readonly<Record<(typeof EXPECTATION_RULES)[number], string>> = {
  "expect-method": "A method that had to be called and answered ok was not.",
  "forbid-method": "A method that was forbidden was called.",
  "expect-scope": "An accepted connection does not hold a scope that it had to hold.",
  "max-latency": "A call took longer than allowed.",
};

const RULES: readonly Rule[] = [
  ...Object.entries(CATALOGUE).map(([id, { severity, says }]) => rule(id, says, levelOf(severity))),
  ...EXPECTATION_RULES.map((id) => rule(id, SAYS[id], "error" as const)),
];

/**
 * What a check came to as a SARIF 2.1.0 log (OASIS standard). Findings that do not fail the check are results as well, no worse
 * than warnings. `uriOf` gives the place of a recording as a URI reference.
 */
export function buildSarif(result: CheckResult, uriOf: (recording: string) => string): unknown {
  const results = result.items.filter(({ passed, finding }) => !passed || finding !== null);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "gw-trace", version: TOOL_VERSION, rules: RULES } },
        columnKind: "utf16CodeUnits",
        results: results.map((item) => buildResult(item, uriOf)),
      },
    ],
  };
}

function buildResult(item: CheckItem, uriOf: (recording: string) => string): unknown {
  const ruleId = nameCheck(item);
  return {
    ruleId,
    ruleIndex: RULES.findIndex(({ id }) => id === ruleId),
    level: resultLevel(item),
    message: { text: [item.title, ...item.details].map(toPrintable).join("\n") },
    locations: item.recording === null ? [] : [buildLocation(item, uriOf(item.recording))],
    partialFingerprints: {
      "gwTrace/v1": `${ruleId}:${renderCheckPlace(item)}:${toPrintable(item.title)}`,
    },
    properties: { evidence: item.evidence },
  };
}

function buildLocation(item: CheckItem, uri: string): unknown {
  // A recording has no lines; code scanning insists on one all the same.
  return {
    physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
    logicalLocations: [{ fullyQualifiedName: renderCheckPlace(item) }],
  };
}

function resultLevel({ passed, finding }: CheckItem): Level {
  if (!passed) return "error";
  return finding?.severity === "info" ? "note" : "warning";
}

function levelOf(severity: Severity): Level {
  return severity === "info" ? "note" : severity;
}

function rule(id: string, text: string, level: Level): Rule {
  return { id, shortDescription: { text }, defaultConfiguration: { level } };
}
