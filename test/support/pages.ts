import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The top of the checkout. */
export const ROOT = path.resolve(import.meta.dirname, "../..");

/** A page of documentation. */
export interface Page {
  /** From the top of the checkout. */
  readonly file: string;
  readonly text: string;
}

/** The README, and the pages that stand beside the code they are about. */
export const PAGE_FILES: readonly string[] = [
  "README.md",
  ...readdirSync(path.join(ROOT, "src"))
    .map((name) => `src/${name}/README.md`)
    .filter((file) => existsSync(path.join(ROOT, file)))
    .toSorted(),
];

/** Reads a page as it is now. */
export function readPage(file: string): Page {
  return { file, text: readFileSync(path.join(ROOT, file), "utf8") };
}

/** The shell blocks of a page, each with its lines, without what is said about them. */
export function shellBlocks({ text }: Page): readonly (readonly string[])[] {
  return Array.from(text.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = ""]) =>
    block
      .split("\n")
      .map((line) => line.replace(/\s+# .*$/, "").trim())
      .filter((line) => line !== ""),
  );
}

/** What stands between backquotes in a page's prose. */
export function inlineCode({ text }: Page): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code);
}

/** Where a page's links lead, without those to other hosts. */
export function linksOf({ text }: Page): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "`");
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target).filter(
    (target) => !/^https?:/.test(target),
  );
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  return Array.from(prose.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
