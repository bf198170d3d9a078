import { Command } from "commander";
import { compareRecordings } from "../diff/compare-recordings.ts";
import { type EntrySource, readCompared, type ComparedRecording } from "../diff/read-compared.ts";
import type { RecordingDiff } from "../diff/model.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { renderDiff } from "../views/diff.ts";
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
  const progress = new ProgressLine();
  const found = await compare([a, b], options, progress).finally(() => progress.end());
  printResult(options.json, found, (style) => renderDiff(found, style));
  if (options.exitCode === true && !found.same) process.exitCode = 1;
}

async function compare(
  names: readonly string[],
  { filter, payloads }: DiffOptions,
  progress: ProgressLine,
): Promise<RecordingDiff> {
  if (filter === undefined) {
    await using opened = await openAllNamed(names);
    const recordings: ComparedRecording[] = [];
    for (const reader of opened.readers) {
      const blocks = blocksWithProgress(reader, "reading", { deferTexts: true });
      const compared = await readCompared(reader, blocks);
      recordings.push({ ...compared, source: watched(reader, progress) });
    }
    return await comparePair(recordings, payloads);
  }
  await using opened = await OpenRecordings.open(names, filter);
  const { traces } = await applyFilter(filter, opened, diagnose(opened.traces));
  const recordings = opened.readers.flatMap((reader, index) => {
    const trace = traces[index];
    return trace === undefined ? [] : [{ trace, source: watched(reader, progress) }];
  });
  return await comparePair(recordings, payloads);
}

function comparePair(
  [first, second]: readonly ComparedRecording[],
  payloads: boolean,
): Promise<RecordingDiff> {
  if (first === undefined || second === undefined) throw new TypeError("there are not two");
  return compareRecordings(first, second, { payloads });
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
