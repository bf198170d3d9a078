import type { Profile } from "../gateway/profile.ts";
import { distinctNames, recordingName } from "../recording/names.ts";
import { resolveRecording } from "../recording/locate.ts";
import { openRecording, openRecordingBytes, type RecordingReader } from "../recording/reader.ts";
import type { Trace } from "../trace/model.ts";
import { readTrace } from "../trace/read.ts";
import { AskedFilter } from "./filter-option.ts";
import { memoryWatch } from "./memory.ts";
import { blocksWithProgress } from "./progress-line.ts";

/** Opens a recording by path, name, `last`, or `-` for standard input. */
export async function openNamed(name: string): Promise<RecordingReader> {
  if (name === "-") return openStandardInput();
  return openWatched(await resolveRecording(name, process.env, process.cwd()));
}

async function openStandardInput(): Promise<RecordingReader> {
  const name = "standard input";
  const watch = memoryWatch(name);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    watch();
    chunks.push(Buffer.from(chunk));
  }
  return openRecordingBytes(Buffer.concat(chunks), name, watch);
}

/** Opens a recording that is there; reading it ends where it takes more memory than a command may. */
export function openWatched(path: string, name = recordingName(path)): Promise<RecordingReader> {
  return openRecording(path, name, memoryWatch(name));
}

/** All that comes, in order. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Recordings that were opened together. */
export interface OpenReaders extends AsyncDisposable {
  readonly readers: readonly RecordingReader[];
}

/** Opens recordings in the order given, under names that tell them apart. Those opened before one that fails are closed again. */
export async function openAllNamed(names: readonly string[]): Promise<OpenReaders> {
  const paths: string[] = [];
  for (const name of names) {
    paths.push(name === "-" ? name : await resolveRecording(name, process.env, process.cwd()));
  }
  const readers: RecordingReader[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(readers.map((reader) => reader.close()));
  };
  try {
    for (const [index, name] of distinctNames(paths).entries()) {
      const path = paths[index] ?? "-";
      readers.push(path === "-" ? await openNamed(path) : await openWatched(path, name));
    }
    return { readers, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A recording, and what it means. */
export interface OpenRecording {
  readonly reader: RecordingReader;
  readonly trace: Trace;
}

/** Recordings that were opened together, each with its trace. */
export class OpenRecordings implements AsyncDisposable {
  readonly #opened: OpenReaders;
  readonly traces: Trace[] = [];
  /** The filter, where it could be asked while reading. */
  asked: AskedFilter | null = null;

  /** Opens and reads them in the order given, under names that tell them apart. Tell the filter that will be applied, if one will be. */
  static async open(
    names: readonly string[],
    filter?: string,
    profiles: readonly Profile[] = [],
  ): Promise<OpenRecordings> {
    const opened = new OpenRecordings(await openAllNamed(names));
    const asked = AskedFilter.early(filter);
    opened.asked = asked;
    try {
      for (const reader of opened.readers) {
        const deferTexts = asked?.asksForText !== true;
        const blocks = blocksWithProgress(reader, "reading", { deferTexts });
        const seen = asked?.watch(blocks) ?? blocks;
        opened.traces.push(await readTrace(reader, seen, { profiles }));
      }
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(opened: OpenReaders) {
    this.#opened = opened;
  }

  get readers(): readonly RecordingReader[] {
    return this.#opened.readers;
  }

  /** The first, which is the only one where one name was given. */
  get first(): OpenRecording {
    const [reader] = this.readers;
    const [trace] = this.traces;
    if (reader === undefined || trace === undefined) throw new Error("no recording was opened");
    return { reader, trace };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#opened[Symbol.asyncDispose]();
  }
}
