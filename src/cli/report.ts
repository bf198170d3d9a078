import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { diagnose } from "../findings/diagnose.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import { HtmlReport } from "../views/html/report.ts";
import { renderMarkdownReport, type Evidence } from "../views/report-markdown.ts";
import { profileOption, readProfiles, type ProfileOptions } from "./profile-option.ts";
import { OpenRecordings } from "./read-traces.ts";
import { writeOutput } from "./write-output.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";

interface ReportOptions extends ProfileOptions {
  readonly output?: string;
  readonly html?: true;
}

/** `gw-trace report <recording...>`: Markdown to paste into an issue, or a page to attach to it. */
export function reportCommand(): Command {
  return new Command("report")
    .argument("<recording...>", RECORDINGS_HELP)
    .option("--html", "one HTML page that needs nothing else, instead of Markdown")
    .addOption(profileOption())
    .option("-o, --output <file>", "where to write (default: `-`, standard output)")
    .addHelpText(
      "after",
      "\nA page to attach to an issue, with what tells of people taken out first:\n  gw-trace scrub last clean.gwtrace --level identifiers\n  gw-trace report clean.gwtrace --html -o report.html",
    )
    .action(async (names: readonly string[], options: ReportOptions) => {
      await using recordings = await OpenRecordings.open(names, undefined, readProfiles(options));
      const findings = diagnose(recordings.traces);
      const report =
        options.html === true
          ? await makeHtmlReport(recordings, findings)
          : renderMarkdownReport(
              recordings.traces,
              findings,
              await readEvidence(recordings, findings),
            );
      await writeOutput(options.output, report);
    });
}

async function readEvidence(
  { readers, traces }: OpenRecordings,
  findings: readonly Finding[],
): Promise<Evidence> {
  const evidence = new Map<string, Map<number, Entry>>();
  for (const [index, { recording }] of traces.entries()) {
    const wanted = new Set(
      findings
        .filter((finding) => finding.recording === recording.name)
        .flatMap((finding) => finding.evidence),
    );
    const entries = new Map<number, Entry>();
    for (const number of wanted) {
      const [entry] = (await readers[index]?.read(number, 1)) ?? [];
      if (entry !== undefined) entries.set(number, entry);
    }
    evidence.set(recording.name, entries);
  }
  return evidence;
}

/** Reads the recordings once more, entry by entry, and makes one page of what they hold. */
async function makeHtmlReport(
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
