import type { Entry } from "../recording/entry.ts";
import { HoleFinder } from "../recording/holes.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { TraceBuilder } from "./build.ts";
import type { TraceLimits } from "./connection.ts";
import type { Trace, TracedRecording } from "./model.ts";

/** Reads a whole recording as a trace, block by block; `blocks` is for who wants to see them pass. It asks for few of the texts. */
export async function readTrace(
  reader: RecordingReader,
  blocks: AsyncIterable<readonly Entry[]> = reader.blocks({ deferTexts: true }),
  limits: TraceLimits = {},
): Promise<Trace> {
  return readBlocks(reader, blocks, limits);
}

/** The trace of entries that are given block by block, whatever they are read from. */
export async function readBlocks(
  recording: TracedRecording,
  blocks: AsyncIterable<readonly Entry[]>,
  limits: TraceLimits = {},
): Promise<Trace> {
  const builder = new TraceBuilder(recording.header, limits);
  const holes = new HoleFinder();
  for await (const entries of blocks) {
    for (const entry of entries) {
      const hole = holes.before(entry);
      if (hole !== null) builder.add(hole);
      builder.add(entry);
    }
  }
  const { name, header, complete, missing, entryCount } = recording;
  return builder.trace({ name, header, complete, missing, entryCount });
}
