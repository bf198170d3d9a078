import type { HistoryStep, VersionSummary } from "../gateway/profile-history.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";
import { renderParagraph, renderTable, type Style } from "./style.ts";

/** The measured versions, a line each. Ends with a line break. */
export function renderVersions(versions: readonly VersionSummary[]): string {
  const rows = versions.map(({ version, protocol, methods, changes }) => [
    version,
    `protocol ${protocol}`,
    renderCount(methods, "method"),
    changes === null
      ? "the first that was measured"
      : `${changes.added} new, ${changes.removed} gone, ${changes.changed} need something else; ${renderCount(changes.rules, "rule")} changed`,
  ]);
  return `${renderTable(rows)}\n`;
}

/** From which version on a rule is what. Ends with a line break. */
export function renderHistory(steps: readonly HistoryStep[], style: Style): string {
  return steps
    .map(
      ({ version, value }) => `${renderParagraph(`${version}  `, toPrintable(value), style, 0)}\n`,
    ) // prettier-ignore
    .join("");
}
