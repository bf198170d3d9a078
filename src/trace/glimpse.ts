import type { RecordingReader } from "../recording/reader.ts";
import { TraceBuilder } from "./build.ts";
import type { Trace } from "./model.ts";

/** How much of a recording is read to say what it is. */
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
  const builder = new TraceBuilder(reader.header);
  let entryCount = 0;
  let bytes = 0;
  let whole = true;
  for await (const entry of reader.entries()) {
    if (entryCount >= MAX_ENTRIES || bytes >= MAX_BYTES) {
      whole = false;
      break;
    }
    builder.add(entry);
    entryCount += 1;
    bytes += entry.kind === "message" ? entry.sizeBytes : 0;
  }
  const { name, header, complete, missing } = reader;
  return { trace: builder.trace({ name, header, complete, missing, entryCount }), whole };
}
