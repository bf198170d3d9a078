import pc from "picocolors";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Where a report goes: how wide it may be, and whether colours help. */
export interface Style {
  readonly columns: number;
  readonly color: boolean;
}

/** What a report looks like in a file, in a pasted issue and in a golden test: 80 columns, no colours. */
export const PLAIN_STYLE: Style = { columns: 80, color: false };

/** Functions that colour text, or leave it as it is. Nothing may be told by colour alone. */
export function colorsOf(
  style: Style,
): Pick<typeof pc, "bold" | "dim" | "red" | "yellow" | "green" | "cyan"> {
  return pc.createColors(style.color);
}

/**
 * Wraps text to the style's width, with a hanging indent after a label such as `why  `. Words that are longer than a line stay
 * whole, so that they can be copied, unless `hard`: JSON is one long word and may be broken anywhere.
 */
export function renderParagraph(
  label: string,
  text: string,
  style: Style,
  indent: number,
  hard = false,
): string {
  const hang = " ".repeat(indent + stringWidth(label));
  const width = Math.max(style.columns - hang.length, 24);
  const [first = "", ...rest] = wrapAnsi(text, width, { hard }).split("\n");
  return [`${" ".repeat(indent)}${label}${first}`, ...rest.map((line) => hang + line)].join("\n");
}

/** Lines up cells in columns that are two blanks apart; the last cell of a row may be as long as it likes. */
export function renderTable(rows: readonly (readonly string[])[], indent = 2): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === row.length - 1
          ? cell
          : cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)),
      );
      return `${" ".repeat(indent)}${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}
