import { diagnose } from "../findings/diagnose.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { readGlimpse } from "../trace/read.ts";
import { countTrace, type RecordingInfo } from "../views/info.ts";

/** Reads what a recording is: its header and index, and the first part of its entries. */
export async function readInfo(reader: RecordingReader): Promise<RecordingInfo> {
  const { trace, whole } = await readGlimpse(reader);
  const { name, header, sizeBytes, entryCount, durationMs, complete, missing } = reader;
  const counts = countTrace(trace, diagnose([trace]));
  return { name, header, sizeBytes, entryCount, durationMs, complete, missing, ...counts, whole };
}
