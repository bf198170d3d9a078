import type { NewEntry } from "../recording/entry.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";

/** What was read from a foreign capture, as far as people want to know. */
export interface ImportedCapture {
  readonly entries: readonly NewEntry[];
  readonly skippedLines: number;
  /** The first of them, each with its line number and the reason. */
  readonly problems: readonly string[];
}

/** What came of an import: what was read, what was left out and why, and what the recording misses. Ends with a line break. */
export function renderImport(
  file: string,
  { entries, skippedLines, problems }: ImportedCapture,
  written: { readonly path: string; readonly missedEntries: number },
  redacted: boolean,
): string {
  const connections = new Set(entries.map(({ connection }) => connection)).size;
  // Some problems are about the capture as a whole.
  const unlisted = skippedLines - problems.filter((problem) => problem.startsWith("line ")).length;
  const lines = [
    `imported ${renderCount(connections, "connection")}, ${entries.length.toLocaleString("en-US")} entries from ${file === "-" ? "standard input" : file}, credentials ${redacted ? "redacted" : "IN CLEAR"}`,
    ...(skippedLines === 0 ? [] : [`${renderCount(skippedLines, "line")} skipped`]),
    ...problems.map((problem) => `  ${problem}`),
    ...(unlisted > 0 ? [`  … and ${unlisted.toLocaleString("en-US")} more`] : []),
    ...(written.missedEntries === 0
      ? []
      : [
          `NOT WRITTEN: ${written.missedEntries.toLocaleString("en-US")} entries; the recording says where`,
        ]),
  ];
  return lines.map((line) => `${toPrintable(line)}\n`).join("");
}
