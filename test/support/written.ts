import type { NewEntry, NewRecordingHeader } from "../../src/recording/entry.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { numbered } from "./conversation.ts";
import { HEADER } from "./traces.ts";

/** Writes scripted conversations to a file, as the tap would. */
export async function writeRecording(
  path: string,
  conversations: readonly (readonly NewEntry[])[],
  header: Partial<NewRecordingHeader> = {},
): Promise<void> {
  const { formatVersion: _, toolVersion: __, ...plain } = HEADER;
  const writer = await createRecording(path, { ...plain, ...header });
  for (const entry of numbered(...conversations)) writer.append(entry);
  await writer.close();
}
