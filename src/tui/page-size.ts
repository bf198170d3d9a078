import type { State } from "./state.ts";

/** The lines that a page has for its text: the screen without the bars, its frame and its heading. */
export function pageHeight({ size, page }: State): number {
  const heading = page?.kind === "ladder" ? 1 : 0;
  return Math.max(1, size.rows - 5 - heading);
}
