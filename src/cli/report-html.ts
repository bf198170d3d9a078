import { readFile } from "node:fs/promises";
import type { Finding } from "../findings/finding.ts";
import { HtmlReport } from "../views/html/report.ts";
import type { OpenRecordings } from "./read-traces.ts";

/** Reads the recordings once more, entry by entry, and makes one page of what they hold. */
export async function makeHtmlReport(
  { readers, traces }: OpenRecordings,
  findings: readonly Finding[],
): Promise<string> {
  const report = new HtmlReport(traces, findings);
  for (const [index, reader] of readers.entries()) {
    for await (const entry of reader.entries()) report.add(index, entry);
  }
  // The build compiles src/page into one file for the browser.
  return report.render(await readFile(new URL("../page/report.js", import.meta.url), "utf8"));
}
