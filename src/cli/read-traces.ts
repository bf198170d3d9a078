import { buffer } from "node:stream/consumers";
import { resolveRecording } from "../recording/locate.ts";
import { openRecording, openRecordingBytes, type RecordingReader } from "../recording/reader.ts";
import type { Trace } from "../trace/model.ts";
import { readTrace } from "../trace/read.ts";

/** Opens a recording by path, name, `last`, or `-` for standard input. */
export async function openNamed(name: string): Promise<RecordingReader> {
  if (name === "-") return openRecordingBytes(await buffer(process.stdin), "standard input");
  return openRecording(await resolveRecording(name, process.env, process.cwd()));
}

/** Recordings that were opened together, each with its trace. */
export class OpenRecordings implements AsyncDisposable {
  readonly readers: RecordingReader[] = [];
  readonly traces: Trace[] = [];

  /** Opens and reads them in the order given. Those opened before one that fails are closed again. */
  static async open(names: readonly string[]): Promise<OpenRecordings> {
    const opened = new OpenRecordings();
    try {
      for (const name of names) {
        const reader = await openNamed(name);
        opened.readers.push(reader);
        opened.traces.push(await readTrace(reader));
      }
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
  }
}
