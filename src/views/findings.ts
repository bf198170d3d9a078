import stringWidth from "string-width";
import type { Contrast, Finding } from "../findings/finding.ts";
import { toPrintable } from "./printable.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";

const MAX_EVIDENCE = 12;
const TITLE_INDENT = 2;
const BODY_INDENT = 4;

/** One finding as a paragraph: what, why, fix, the entries that prove it, and the contrast. */
export function renderFinding(finding: Finding, style: Style, nameRecording: boolean): string {
  const colors = colorsOf(style);
  const colorOf = { error: colors.red, warning: colors.yellow, info: colors.cyan }[
    finding.severity
  ];
  const label = `${colorOf(colors.bold(finding.severity))}  `;
  const where = nameFindingPlace(finding, nameRecording);
  const title = toPrintable(where === "" ? finding.title : `${where}: ${finding.title}`);
  const lines = [
    renderParagraph(label, title, style, TITLE_INDENT),
    renderParagraph("why       ", toPrintable(finding.why), style, BODY_INDENT),
    renderParagraph("fix       ", toPrintable(finding.fix), style, BODY_INDENT),
    ...nameEvidence(finding.evidence).map((entries) =>
      renderParagraph("evidence  ", entries, style, BODY_INDENT),
    ),
    renderParagraph("code      ", finding.code, style, BODY_INDENT),
    ...(finding.contrast === null ? [] : [renderContrast(finding.contrast, style)]),
  ];
  return lines.join("\n");
}

/** Where a finding is: `recording, connection 3`; empty when it is about all of one recording. */
export function nameFindingPlace(
  {
    recording,
    connection,
  }: { readonly recording: string | null; readonly connection: number | null },
  nameRecording: boolean,
): string {
  return [
    ...(nameRecording && recording !== null ? [recording] : []),
    ...(connection === null ? [] : [`connection ${connection}`]),
  ].join(", ");
}

/** The entries that prove something, of very many the first, as `entries 5, 6 and 3 more`; none where there are none. */
export function nameEvidence(evidence: readonly number[]): readonly string[] {
  if (evidence.length === 0) return [];
  const shown = evidence.slice(0, MAX_EVIDENCE).join(", ");
  const more = evidence.length - MAX_EVIDENCE;
  return [
    `${evidence.length === 1 ? "entry" : "entries"} ${shown}${more > 0 ? ` and ${more} more` : ""}`,
  ];
}

function renderContrast(contrast: Contrast, style: Style): string {
  const where = `${contrast.method} succeeded on connection ${contrast.connection} of ${contrast.recording}`;
  if (contrast.differences.length === 0) {
    return renderParagraph(
      "contrast  ",
      toPrintable(`${where}, with the same handshake.`),
      style,
      BODY_INDENT,
    );
  }
  const rows = contrast.differences.map(({ field, failed, succeeded }) =>
    [field, failed, succeeded].map(toPrintable),
  );
  const table = renderTable([["differs in", "here", "there"], ...rows], BODY_INDENT + 2);
  const fits = table.split("\n").every((line) => stringWidth(line) <= style.columns);
  return [
    renderParagraph("contrast  ", toPrintable(`${where}:`), style, BODY_INDENT),
    fits
      ? table
      : rows
          .map(([field = "", here = "", there = ""]) => renderStacked(field, here, there, style))
          .join("\n"),
  ].join("\n");
}

function renderStacked(field: string, here: string, there: string, style: Style): string {
  return [
    `${" ".repeat(BODY_INDENT + 2)}${field}`,
    renderParagraph("here   ", here, style, BODY_INDENT + 4),
    renderParagraph("there  ", there, style, BODY_INDENT + 4),
  ].join("\n");
}
