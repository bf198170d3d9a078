import { CarriedEntries } from "./carried-entries.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import { openRecording } from "../recording/reader.ts";
import { createRecording } from "./writer.ts";
import type { ClosedRecording } from "./writer.ts";

/** A file from which a stretch is taken. */
export interface StretchSource {
  readonly path: string;
  /** Its first entries that stand in the file before it as well. */
  readonly carriedEntries: number;
}

/** From when to when, in the terms of `atMs`. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Entries copied between two looks at whether the disk keeps up. */
const ENTRIES_AT_ONCE = 256;

/**
 * Copies a stretch out of files that follow each other into a recording of its own, which begins with the handshakes of the
 * connections that were open.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED, RECORDING_NOT_FOUND, NOT_A_RECORDING
 */
export async function saveStretch(
  path: string,
  header: NewRecordingHeader,
  sources: readonly StretchSource[],
  { fromMs, untilMs }: Stretch,
): Promise<ClosedRecording> {
  // What is copied was redacted when it was first written.
  const redactor = { redact: <T>(entry: T): T => entry };
  await using writer = await createRecording(path, { ...header, part: null }, { redactor });
  const before = new CarriedEntries();
  let hasBegun = false;
  let copied = 0;
  for (const [index, { path: from, carriedEntries }] of sources.entries()) {
    await using reader = await openRecording(from);
    for await (const entry of reader.entries()) {
      if (index > 0 && entry.entry <= carriedEntries) continue;
      if (entry.atMs > untilMs) break;
      // In the first file the carried gaps stand for what is not there; here they are made anew.
      if (entry.atMs < fromMs) {
        before.add(entry);
        continue;
      }
      if (!hasBegun) for (const early of before.entries(fromMs)) writer.append(early);
      hasBegun = true;
      writer.append(entry);
      copied += 1;
      if (copied % ENTRIES_AT_ONCE === 0) await writer.whenRoom();
    }
  }
  return await writer.close();
}
