import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";

/** What came of an import, as far as people want to know. */
export interface ImportOutcome {
  /** What people call the input. */
  readonly from: string;
  readonly format: "json-lines" | "har" | "packets";
  readonly connections: number;
  readonly written: { readonly entries: number; readonly missedEntries: number };
  readonly remarks: {
    readonly skipped: number;
    /** The first of what was skipped, each with its place and the reason. */
    readonly problems: readonly string[];
    readonly notes: readonly string[];
  };
  readonly isRedacted: boolean;
}

/** Says what was read, what was left out and why, and what the recording misses. Ends with a line break. */
export function renderImport(outcome: ImportOutcome): string {
  const { from, format, connections, written, remarks, isRedacted } = outcome;
  const { skipped, problems, notes } = remarks;
  const unlisted = skipped - problems.length;
  const lines = [
    `imported ${renderCount(connections, "connection")}, ${written.entries.toLocaleString("en-US")} entries from ${from}, credentials ${isRedacted ? "redacted" : "IN CLEAR"}`,
    ...notes.map((note) => `  ${note}`),
    ...(skipped === 0
      ? []
      : [`${renderCount(skipped, format === "har" ? "part" : "line")} skipped`]),
    ...problems.map((problem) => `  ${problem}`),
    ...(unlisted > 0 ? [`  … and ${unlisted.toLocaleString("en-US")} more`] : []),
    ...(written.missedEntries === 0
      ? []
      : [
          `NOT IN IT: ${written.missedEntries.toLocaleString("en-US")} entries; the recording says where`,
        ]),
  ];
  return lines.map((line) => `${toPrintable(line)}\n`).join("");
}
