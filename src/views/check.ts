import type { CheckItem, CheckResult } from "../findings/check.ts";
import { nameEvidence, nameFindingPlace } from "./findings.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, tally } from "./quantity.ts";
import { colorsOf, renderParagraph, type Style } from "./style.ts";

/** What a check came to, as text: what failed first, with why and what to do, then what passed. Ends with a line break. */
export function renderCheck(result: CheckResult, style: Style): string {
  const { passed, failed, findings } = sortItems(result);
  const lines = [
    ...result.rules.map((note) => renderParagraph("note  ", toPrintable(note), style, 6)),
    ...failed.map((item) => renderFailed(item, style)),
    ...passed.map((item) => renderPassed(item, style)),
    ...(findings.length === 0 ? [] : [renderLeftOver(findings, style)]),
    renderCheckConclusion(result),
  ];
  return `${lines.join("\n")}\n`;
}

/** What a check came to in one line, without a line break. */
export function renderCheckConclusion(result: CheckResult): string {
  const { passed, failed, findings } = sortItems(result);
  const counts = [
    renderCount(failed.length, "failure"),
    ...(passed.length === 0 ? [] : [`${passed.length} passed`]),
    ...(findings.length === 0 ? [] : [`${renderCount(findings.length, "finding")} not counted`]),
  ];
  const looked = `${renderCount(result.connections, "connection")}, ${renderCount(result.rpcs, "call")}`;
  return `${result.passed ? "passed" : "failed"}: ${counts.join(", ")} (${looked})`;
}

/** Where an item is, for people: `recording, connection 3`; empty when it is about everything. */
export function renderCheckPlace(item: CheckItem): string {
  return toPrintable(nameFindingPlace(item, true));
}

/** The name of what was checked: the finding's code, or the option that asked for it. */
export function nameCheck({ rule, finding }: CheckItem): string {
  return finding?.code ?? rule;
}

function sortItems({ items }: CheckResult) {
  return {
    failed: items.filter(({ passed }) => !passed),
    passed: items.filter(({ passed, finding }) => passed && finding === null),
    /** Findings that do not fail this check. */
    findings: items.filter(({ passed, finding }) => passed && finding !== null),
  };
}

function renderFailed(item: CheckItem, style: Style): string {
  const colors = colorsOf(style);
  const place = renderCheckPlace(item);
  const title = `${place === "" ? "" : `${place}: `}${toPrintable(item.title)}`;
  const [why, fix] = item.details;
  return [
    renderParagraph(`${colors.red(colors.bold("FAIL"))}  `, title, style, 0),
    ...(why === undefined ? [] : [renderParagraph("why   ", toPrintable(why), style, 6)]),
    ...(fix === undefined ? [] : [renderParagraph("fix   ", toPrintable(fix), style, 6)]),
    renderParagraph(
      "code  ",
      [nameCheck(item), ...nameEvidence(item.evidence)].join(", "),
      style,
      6,
    ),
  ].join("\n");
}

function renderPassed(item: CheckItem, style: Style): string {
  const label = `${colorsOf(style).green("ok")}    `;
  return renderParagraph(label, `${item.rule}: ${toPrintable(item.title)}`, style, 0);
}

function renderLeftOver(findings: readonly CheckItem[], style: Style): string {
  const codes = tally(findings.map(nameCheck));
  const blind = findings.find((item) => nameCheck(item) === "recording-incomplete");
  return [
    renderParagraph("note  ", `findings that do not count: ${codes.join(", ")}`, style, 0),
    // What was not recorded could have failed the check.
    ...(blind === undefined
      ? []
      : [renderParagraph("note  ", toPrintable(blind.details[0] ?? blind.title), style, 0)]),
  ].join("\n");
}
