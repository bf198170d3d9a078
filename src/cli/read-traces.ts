import { buffer } from "node:stream/consumers";
import type { Profile } from "../gateway/profile.ts";
import type { Matched } from "../filter/narrow.ts";
import type { Occurring } from "../filter/occurring.ts";
import { distinctNames } from "../recording/names.ts";
import { resolveRecording } from "../recording/locate.ts";
import { openRecording, openRecordingBytes, type RecordingReader } from "../recording/reader.ts";
import type { Trace } from "../trace/model.ts";
import { readTrace } from "../trace/read.ts";
import { EarlyFilter } from "./early-filter.ts";
import { blocksWithProgress } from "./progress-line.ts";

/** Opens a recording by path, name, `last`, or `-` for standard input. */
export async function openNamed(name: string): Promise<RecordingReader> {
  if (name === "-") return openRecordingBytes(await buffer(process.stdin), "standard input");
  return openRecording(await resolveRecording(name, process.env, process.cwd()));
}

/** Opens recordings in the order given, under names that tell them apart. Those opened before one that fails are closed again. */
export async function openAllNamed(names: readonly string[]): Promise<readonly RecordingReader[]> {
  const paths: string[] = [];
  for (const name of names) {
    paths.push(name === "-" ? name : await resolveRecording(name, process.env, process.cwd()));
  }
  const readers: RecordingReader[] = [];
  try {
    for (const [index, name] of distinctNames(paths).entries()) {
      const path = paths[index] ?? "-";
      readers.push(path === "-" ? await openNamed(path) : await openRecording(path, name));
    }
    return readers;
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.close()));
    throw error;
  }
}

/** Recordings that were opened together, each with its trace. */
export class OpenRecordings implements AsyncDisposable {
  readonly readers: RecordingReader[] = [];
  readonly traces: Trace[] = [];
  /** What matches the filter, by recording, where that could be told while reading; else empty. */
  readonly matched: Matched[] = [];
  /** Which values of that filter occur in them; null where it is yet to be asked. */
  occurring: Occurring | null = null;

  /** Opens and reads them in the order given, under names that tell them apart. Tell the filter that will be applied, if one will be. */
  static async open(
    names: readonly string[],
    filter?: string,
    profiles: readonly Profile[] = [],
  ): Promise<OpenRecordings> {
    const opened = new OpenRecordings();
    const early = EarlyFilter.of(filter);
    opened.occurring = early?.occurring ?? null;
    try {
      opened.readers.push(...(await openAllNamed(names)));
      for (const reader of opened.readers) {
        const deferTexts = early?.asksForText !== true;
        const blocks = blocksWithProgress(reader, "reading", { deferTexts });
        const matched = new Map<number, number>();
        const seen = early?.watch(blocks, matched) ?? blocks;
        opened.traces.push(await readTrace(reader, seen, { profiles }));
        if (early !== null) opened.matched.push(matched);
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
