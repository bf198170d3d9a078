import type { CheckItem, CheckResult } from "../../findings/check.ts";
import { nameCheck, renderCheckPlace } from "../../views/check.ts";
import { toPrintable } from "../../views/printable.ts";

/** GitHub shows ten of a kind in each step, and forgets the rest. */
const MAX_WARNINGS = 10;

/**
 * What a check came to as GitHub Actions workflow commands: an error for each failure, then warnings for findings that do not
 * count. Nothing from the wire can begin a command of its own: each stands on one line, escaped.
 */
export function renderGithubAnnotations(
  { items }: CheckResult,
  pathOf: (recording: string) => string,
): string {
  const failed = items.filter(({ passed }) => !passed);
  const warnings = items.filter(
    ({ passed, finding }) => passed && finding?.severity !== "info" && finding !== null,
  );
  return [
    ...failed.map((item) => renderCommand("error", item, pathOf)),
    ...warnings.slice(0, MAX_WARNINGS).map((item) => renderCommand("warning", item, pathOf)),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function renderCommand(
  kind: "error" | "warning",
  item: CheckItem,
  pathOf: (recording: string) => string,
): string {
  const place = renderCheckPlace(item);
  const properties = [
    `title=${escapeProperty(`gw-trace: ${nameCheck(item)}`)}`,
    ...(item.recording === null ? [] : [`file=${escapeProperty(pathOf(item.recording))}`]),
  ];
  const title = place === "" ? item.title : `${place}: ${item.title}`;
  const message = [title, ...item.details].map(toPrintable).join("\n");
  return `::${kind} ${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(toPrintable(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
