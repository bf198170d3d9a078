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

/** Reads recordings as traces, in the order given. */
export async function readTraces(names: readonly string[]): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  for (const name of names) {
    await using reader = await openNamed(name);
    traces.push(await readTrace(reader));
  }
  return traces;
}
