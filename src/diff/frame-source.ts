import { parseFrame, type Frame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";

/** A recording whose entries are read one at a time, so that no more than two payloads are held at once. */
export interface EntrySource {
  read(firstEntry: number, count: number): Promise<readonly Entry[]>;
}

/** A frame as it stands in the recording. */
export interface RecordedFrame {
  readonly frame: Frame;
  readonly text: string;
  /** True when credentials were taken out of it. */
  readonly redacted: boolean;
}

/** The frame of that entry; null when there is none, as in a damaged recording. */
export async function readFrame(
  source: EntrySource,
  entry: number | null,
): Promise<RecordedFrame | null> {
  if (entry === null) return null;
  const [found] = await source.read(entry, 1);
  if (found?.kind !== "message" || found.message.type !== "text") return null;
  const { text } = found.message;
  const parsed = parseFrame(text);
  return parsed.ok ? { frame: parsed.frame, text, redacted: found.redacted } : null;
}
