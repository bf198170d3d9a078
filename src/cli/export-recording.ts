import { usageError } from "../errors.ts";
import { renderHar, type ExportedRecording } from "../exchange/har/export.ts";
import { renderJsonLines } from "../exchange/json-lines/recording.ts";
import { tellHoles } from "../recording/holes.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { Entry } from "../recording/entry.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { Cut, keepChosen } from "../reduce/cut.ts";
import { renderExport } from "../views/export.ts";
import { applyFilter } from "./filter-option.ts";
import { blocksWithProgress } from "./progress-line.ts";
import { OpenRecordings, openNamed } from "./read-traces.ts";
import { isStdout, writeOutput } from "./write-output.ts";
import { tell } from "./output.ts";

interface WrittenOptions {
  readonly filter?: string;
  readonly output?: string;
}

type Render = (recording: ExportedRecording, reader: RecordingReader) => AsyncIterable<string>;

/**
 * A recording as JSON lines, from which import makes an equal one.
 * @throws {GwTraceError} USAGE, RECORDING_EXISTS, WRITE_FAILED
 */
export function exportJsonLines(names: readonly string[], options: WrittenOptions): Promise<void> {
  return write(names, options, (recording, reader) =>
    renderJsonLines(recording.header, recording.entries, () => ({
      complete: reader.complete,
      missing: reader.missing,
    })),
  );
}

/**
 * A recording as a HAR with WebSocket messages.
 * @throws {GwTraceError} USAGE, RECORDING_EXISTS, WRITE_FAILED
 */
export function exportHar(names: readonly string[], options: WrittenOptions): Promise<void> {
  return write(names, options, renderHar);
}

async function write(
  names: readonly string[],
  { filter, output }: WrittenOptions,
  render: Render,
): Promise<void> {
  const [name = "", another] = names;
  if (another !== undefined)
    throw usageError(
      "this format holds one recording, and several are named",
      "Make one of them first, with gw-trace merge.",
    );
  if (filter === undefined) {
    await using reader = await openNamed(name);
    return await writePieces(output, render(wholeOf(reader, output), reader), reader);
  }
  await using recordings = await OpenRecordings.open([name], filter);
  const { reader } = recordings.first;
  await writePieces(output, render(await partOf(recordings, filter), reader), reader);
}

async function writePieces(
  output: string | undefined,
  pieces: AsyncIterable<string>,
  reader: RecordingReader,
): Promise<void> {
  await writeOutput(output, pieces);
  tell(renderExport(reader));
}

function wholeOf(reader: RecordingReader, output: string | undefined): ExportedRecording {
  return {
    header: reader.header,
    get missing() {
      return reader.missing;
    },
    entries: tellHoles(entriesOf(reader, output)),
  };
}

async function* entriesOf(
  reader: RecordingReader,
  output: string | undefined,
): AsyncGenerator<Entry, void, undefined> {
  // On a terminal the export itself shows how far it is, and a line that changes would tear it.
  const isWatched = isStdout(output) && process.stdout.isTTY;
  const blocks = isWatched ? reader.blocks() : blocksWithProgress(reader, "exporting");
  for await (const block of blocks) yield* block;
}

/** What a filter lets through, with the handshakes of its connections and with both halves of its calls. */
async function partOf(recordings: OpenRecordings, filter: string): Promise<ExportedRecording> {
  const { reader, trace } = recordings.first;
  const { matched } = await applyFilter(filter, recordings, diagnose([trace]));
  const plan = new Cut(trace);
  for await (const entry of tellHoles(reader.entries()))
    plan.look(entry, matched[0]?.has(entry.entry) === true);
  const chosen = plan.chosen();
  return {
    header: reader.header,
    missing: reader.missing,
    entries: keepChosen(tellHoles(reader.entries()), chosen),
  };
}
