import { toPrintable } from "../../views/printable.ts";

/** A row of a Markdown table: what it is about, then cells in which nothing is markup. */
export function row(name: string | number, ...cells: readonly string[]): string {
  return `| ${[String(name), ...cells.map((cell) => code(cell.trim()))].join(" | ")} |`;
}

/** A text as a code span: inside one nothing is markup but the backtick, and inside a table the bar. */
export function code(text: string): string {
  const plain = toPrintable(text)
    .replaceAll("`", "'")
    .replaceAll("|", String.raw`\|`);
  return plain === "" ? "" : `\`${plain}\``;
}
