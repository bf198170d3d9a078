import { Command } from "commander";
import { compareRecordings, type ComparedRecording } from "../diff/compare-recordings.ts";
import type { EntrySource } from "../diff/frame-source.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { renderDiff } from "../views/diff.ts";
import { GwTraceError } from "../errors.ts";
import { applyFilter, FILTER_HELP } from "./filter-option.ts";
import { styleFor } from "./output.ts";
import { ProgressLine, renderShare } from "./progress-line.ts";
import { OpenRecordings } from "./read-traces.ts";
import { RECORDING_HELP } from "./recording-argument.ts";

interface DiffOptions {
  readonly json?: true;
  readonly exitCode?: true;
  /** commander makes `--no-payloads` of this. */
  readonly payloads: boolean;
  readonly filter?: string;
}

/** `gw-trace diff A B`: two recordings compared by connection and call, without what is new in every run. */
export function diffCommand(): Command {
  return new Command("diff")
    .argument("<a>", RECORDING_HELP)
    .argument("<b>", "the same, for the recording to compare it with")
    .option("--json", "print one JSON document")
    .option("--exit-code", "exit with 1 when they differ")
    .option("--no-payloads", "compare handshakes, scopes and outcomes only, not params and answers")
    .option("--filter <expression>", FILTER_HELP)
    .addHelpText(
      "after",
      "\nIds, nonces, times and session keys are new in every run: they do not count.",
    )
    .action(diff);
}

async function diff(a: string, b: string, options: DiffOptions): Promise<void> {
  await using recordings = await OpenRecordings.open([a, b], options.filter);
  const traces =
    options.filter === undefined
      ? recordings.traces
      : (await applyFilter(options.filter, recordings, diagnose(recordings.traces))).traces;
  const progress = new ProgressLine();
  const [first, second] = traces.map((trace, index): ComparedRecording => {
    const reader = recordings.readers[index];
    if (reader === undefined) throw new Error("a trace without its reader");
    return { trace, source: watched(reader, progress) };
  });
  if (first === undefined || second === undefined) throw notTwo();
  const found = await compareRecordings(first, second, { payloads: options.payloads });
  progress.end();
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(found, null, 2)}\n`
      : renderDiff(found, styleFor(process.stdout, process.env)),
  );
  if (options.exitCode === true && !found.same) process.exitCode = 1;
}

/** Both recordings are gone through twice, to pair their calls and to compare them. */
function watched(reader: RecordingReader, progress: ProgressLine): EntrySource {
  return {
    read(firstEntry, count) {
      const { name, entryCount } = reader;
      progress.show(() => `comparing ${name}: ${renderShare(firstEntry, entryCount)} of this pass`);
      return reader.read(firstEntry, count);
    },
  };
}

function notTwo(): GwTraceError {
  return new GwTraceError("USAGE", "diff takes two recordings", "Name both of them.");
}
