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

/** How much of a recording is read to say what it is: who lists a folder of huge ones does not wait for all of them. */
const MAX_ENTRIES = 2000;
const MAX_BYTES = 8 * 1024 * 1024;

/** The trace of the first part of a recording. */
export interface Glimpse {
  readonly trace: Trace;
  /** True when that is all there is. */
  readonly whole: boolean;
}

/** Reads the first part of a recording as a trace, so that a huge one takes no longer than a small one. */
export async function readGlimpse(reader: RecordingReader): Promise<Glimpse> {
  let whole = true;
  async function* firstPart(): AsyncGenerator<readonly Entry[], void, undefined> {
    let [count, bytes] = [0, 0];
    for await (const entry of reader.entries()) {
      whole = count < MAX_ENTRIES && bytes < MAX_BYTES;
      if (!whole) return;
      yield [entry];
      count += 1;
      bytes += entry.kind === "message" ? entry.sizeBytes : 0;
    }
  }
  return { trace: await readBlocks(reader, firstPart()), whole };
}
