import { Command } from "commander";
import { compareRecordings } from "../diff/compare-recordings.ts";
import { type EntrySource, readCompared, type ComparedRecording } from "../diff/read-compared.ts";
import type { RecordingDiff } from "../diff/model.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { renderDiff } from "../views/diff.ts";
import { GwTraceError } from "../errors.ts";
import { applyFilter, FILTER_HELP } from "./filter-option.ts";
import { printResult } from "./output.ts";
import { blocksWithProgress, ProgressLine, renderShare } from "./progress-line.ts";
import { openAllNamed, OpenRecordings } from "./read-traces.ts";
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
  const { filter, payloads } = options;
  const found =
    filter === undefined
      ? await compareWhole([a, b], payloads)
      : await compareFiltered([a, b], filter, payloads);
  printResult(options.json, found, (style) => renderDiff(found, style));
  if (options.exitCode === true && !found.same) process.exitCode = 1;
}

async function compareWhole(names: readonly string[], payloads: boolean): Promise<RecordingDiff> {
  const readers = await openAllNamed(names);
  try {
    const recordings: ComparedRecording[] = [];
    for (const reader of readers)
      recordings.push(
        await readCompared(reader, blocksWithProgress(reader, "reading", { deferTexts: true })),
      );
    return await compareWatched(recordings, readers, payloads);
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

async function compareFiltered(
  names: readonly string[],
  filter: string,
  payloads: boolean,
): Promise<RecordingDiff> {
  await using opened = await OpenRecordings.open(names, filter);
  const { traces } = await applyFilter(filter, opened, diagnose(opened.traces));
  const recordings = opened.readers.flatMap((source, index) => {
    const trace = traces[index];
    return trace === undefined ? [] : [{ trace, source }];
  });
  return await compareWatched(recordings, opened.readers, payloads);
}

async function compareWatched(
  recordings: readonly ComparedRecording[],
  readers: readonly RecordingReader[],
  payloads: boolean,
): Promise<RecordingDiff> {
  const progress = new ProgressLine();
  try {
    const [first, second] = recordings.map((recording, index) => {
      const reader = readers[index];
      return reader === undefined ? recording : { ...recording, source: watched(reader, progress) };
    });
    if (first === undefined || second === undefined) throw notTwo();
    return await compareRecordings(first, second, { payloads });
  } finally {
    progress.end();
  }
}

/** Where calls are not equal to the letter, both recordings are read once more, in order. */
function watched(reader: RecordingReader, progress: ProgressLine): EntrySource {
  return {
    read(firstEntry, count) {
      const { name, entryCount } = reader;
      progress.show(() => `comparing ${name}: ${renderShare(firstEntry, entryCount)}`);
      return reader.read(firstEntry, count);
    },
  };
}

function notTwo(): GwTraceError {
  return new GwTraceError("USAGE", "diff takes two recordings", "Name both of them.");
}
