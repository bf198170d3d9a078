import { Command } from "commander";
import { GwTraceError, usageError } from "../errors.ts";
import { isFinding } from "../findings/catalogue.ts";
import { diagnose } from "../findings/diagnose.ts";
import { copiedEntries } from "../recording/holes.ts";
import { minimize } from "../reduce/minimize.ts";
import type { Trace } from "../trace/model.ts";
import { assertFindingName } from "./finding-names.ts";
import { ProgressLine } from "./progress-line.ts";
import { collect, OpenRecordings } from "./read-traces.ts";
import { writePart } from "./write-recording.ts";
import { RECORDING_HELP } from "./recording-argument.ts";
import { printResult, tell } from "./output.ts";

interface MinimizeOptions {
  readonly keepFinding: string;
  readonly output?: string;
  readonly json?: true;
}

/** `gw-trace minimize <recording> --keep-finding <finding>`: the smallest recording that still shows it. */
export function minimizeCommand(): Command {
  return new Command("minimize")
    .argument("<recording>", RECORDING_HELP)
    .requiredOption(
      "--keep-finding <finding>",
      "needed: the finding that has to stay, or a family such as missing-scope",
    )
    .option(
      "-o, --output <file>",
      "where to write (default: <name>-minimal in the recordings folder)",
    )
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(name: string, options: MinimizeOptions): Promise<void> {
  assertFindingName("--keep-finding", options.keepFinding);
  await using recordings = await OpenRecordings.open([name]);
  const { reader, trace } = recordings.first;
  const entries = await collect(copiedEntries(reader));
  const progress = new ProgressLine();
  let tried = 0;
  const smallest = minimize(entries, trace.recording, options.keepFinding, (now) => {
    tried = now.tried;
    progress.show(() => `${entries.length} -> ${now.entries} entries, ${tried} tried`);
  });
  progress.end();
  if (smallest === null) throw notThere(options.keepFinding, trace);
  const written = await writePart(reader, "minimal", options.output, smallest);
  const made = { ...written, from: entries.length, tried };
  printResult(options.json, made, () => `${written.path}\n`);
  tell(
    `${entries.length.toLocaleString("en-US")} entries became ${smallest.length.toLocaleString("en-US")}, after ${tried} tries; ${options.keepFinding} still shows\n`,
  );
}

function notThere(wanted: string, trace: Trace): GwTraceError {
  const found = diagnose([trace]);
  const codes = [...new Set(found.map(({ code }) => code))].join(", ");
  return usageError(
    found.some(({ code }) => isFinding(code, wanted))
      ? `${wanted} is about ${trace.recording.name} as a file, so that no part of it can show it`
      : `${trace.recording.name} does not show ${wanted}`,
    codes === "" ? "It shows nothing at all." : `It shows ${codes}.`,
  );
}
