import type { CheckItem, CheckResult } from "../../findings/check.ts";
import { nameCheck, renderCheckPlace } from "../../views/check.ts";
import { escapeCodePoint, toPrintable } from "../../views/printable.ts";
import { ownField } from "../../gateway/json-object.ts";

/** XML 1.0 has no way to write these at all, not even as references (section 2.2, Char). */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** What was not recorded could have failed the check. */
const BLIND = "recording-incomplete";

/**
 * What a check came to as JUnit XML: a test suite for each recording and one for what is about all of them. Findings that do not
 * count are left out, but not what was not recorded.
 */
export function renderJunit(result: CheckResult): string {
  const counted = result.items.filter(
    ({ passed, finding }) => !passed || finding === null || finding.code === BLIND,
  );
  const suites = new Map<string, CheckItem[]>();
  for (const item of counted) {
    const name = item.recording ?? "all recordings";
    const suite = suites.get(name);
    if (suite === undefined) suites.set(name, [item]);
    else suite.push(item);
  }
  // A check that found nothing to count has run all the same, and CI systems take a report without tests for a mistake.
  if (suites.size === 0) suites.set("all recordings", []);
  const total = `tests="${Math.max(counted.length, 1)}" failures="${failuresOf(counted)}" errors="0"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="gw-trace check" ${total}>`,
    ...[...suites].flatMap(([name, items]) => renderSuite(name, items)),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function renderSuite(name: string, items: readonly CheckItem[]): readonly string[] {
  const attributes = `name="${escapeXml(name)}" tests="${Math.max(items.length, 1)}" failures="${failuresOf(items)}" errors="0"`;
  const cases =
    items.length === 0
      ? ['    <testcase classname="gw-trace" name="findings: none that counts"/>']
      : items.flatMap(renderCase);
  return [`  <testsuite ${attributes}>`, ...cases, "  </testsuite>"];
}

function renderCase(item: CheckItem): readonly string[] {
  const place = item.connection === null ? "" : `connection ${item.connection}: `;
  const head = `    <testcase classname="gw-trace.${nameCheck(item)}" name="${escapeXml(`${place}${item.title}`)}"`;
  if (item.passed && item.finding === null) return [`${head}/>`];
  const where = [renderCheckPlace(item), item.title, ...item.details, evidenceOf(item)]
    .filter((line) => line !== "")
    .map(escapeXml)
    .join("\n");
  if (item.passed)
    return [`${head}>`, `      <system-out>${where}</system-out>`, "    </testcase>"];
  return [
    `${head}>`,
    `      <failure type="${nameCheck(item)}" message="${escapeXml(item.title)}">${where}</failure>`,
    "    </testcase>",
  ];
}

function evidenceOf({ evidence }: CheckItem): string {
  return evidence.length === 0 ? "" : `entries ${evidence.join(", ")}`;
}

function failuresOf(items: readonly CheckItem[]): number {
  return items.filter(({ passed }) => !passed).length;
}

/** Text for XML: one line, safe to print where somebody shows the report in a terminal, and with nothing that XML forbids. */
function escapeXml(text: string): string {
  return toPrintable(text)
    .replaceAll(FORBIDDEN, escapeCodePoint)
    .replaceAll(/[&<>"']/g, (character) => ownField(REFERENCES, character) ?? character);
}
