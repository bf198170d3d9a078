import { toPrintable } from "./printable.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";

/** One thing that was looked at. A `note` is worth knowing; a `problem` keeps something from working. */
export interface Checkup {
  readonly name: string;
  readonly status: "ok" | "note" | "problem";
  readonly says: string;
  /** What to do about it, in one sentence; null when there is nothing to do. */
  readonly fix: string | null;
}

/** A variable that is set, and what it does here. Its value is told to nobody. */
export interface SetVariable {
  readonly name: string;
  readonly does: string;
}

const LABEL_COLUMNS = 12;

/** What was looked at, one thing a paragraph, then the variables that are set and how it all stands. */
export function renderDoctor(
  checkups: readonly Checkup[],
  variables: readonly SetVariable[],
  style: Style,
): string {
  const colors = colorsOf(style);
  const paint = { ok: colors.green, note: colors.yellow, problem: colors.red };
  const paragraphs = checkups.flatMap(({ name, status, says, fix }) => [
    renderParagraph(`${paint[status](status.padEnd(9))}${name.padEnd(LABEL_COLUMNS)}`, toPrintable(says), style, 0),
    ...(fix === null ? [] : [renderParagraph("-> ", toPrintable(fix), style, 9 + LABEL_COLUMNS)]),
  ]);
  const set = variables.map(({ name, does }) => [name, does]);
  const problems = checkups.filter(({ status }) => status === "problem").length;
  return [
    ...paragraphs,
    "",
    ...(set.length === 0 ? ["No variable that gw-trace knows is set."] : ["Variables that are set:", renderTable(set)]),
    "",
    problems === 0 ? "All is well." : `${problems === 1 ? "One problem" : `${problems} problems`}.`,
    "",
  ].join("\n");
} // prettier-ignore
