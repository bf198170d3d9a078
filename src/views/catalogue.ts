import { CATALOGUE } from "../findings/catalogue.ts";
import { colorsOf, renderParagraph, type Style } from "./style.ts";

/** Every kind of finding as text, in the order of the catalogue. */
export function renderCatalogue(style: Style): string {
  const colors = colorsOf(style);
  const blocks = Object.entries(CATALOGUE).map(
    ([code, { severity, says }]) =>
      `${colors.bold(code)} (${severity})\n${renderParagraph("", says, style, 2)}`,
  );
  return `${blocks.join("\n")}\n`;
}

/** The same as a Markdown table, for the page beside the code of findings. */
export function renderCatalogueMarkdown(): string {
  const rows = Object.entries(CATALOGUE).map(
    ([code, { severity, says }]) => `| \`${code}\` | ${severity} | ${says} |`,
  );
  return ["| code | severity | speaks when |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
