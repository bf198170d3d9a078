import type { NewEntry, NewRecordingHeader } from "../recording/entry.ts";
import { createRecording, type ClosedRecording } from "../recorder/writer.ts";

/**
 * Writes entries as a new recording, no faster than the disk takes them. Nothing is written over.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeRecording(
  path: string,
  header: NewRecordingHeader,
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
): Promise<ClosedRecording> {
  await using writer = await createRecording(path, header);
  for await (const entry of entries) {
    writer.append(entry);
    await writer.whenRoom();
  }
  return await writer.close();
}
