import type { Entry } from "../recording/entry.ts";
import type { RecordingReader } from "../recording/reader.ts";
import type { Trace } from "./model.ts";
import { readBlocks } from "./read.ts";

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
