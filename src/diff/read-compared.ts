import { parseFrame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";
import { readOutlinedFrame } from "../recording/outlines.ts";
import type { Trace, TracedRecording } from "../trace/model.ts";
import { readBlocks } from "../trace/read.ts";
import { Digests } from "./digests.ts";
import { readFrame, type EntrySource } from "./frame-source.ts";

/** A recording to be compared: what it means, where its frames can be read, and what is remembered of them, if anything. */
export interface ComparedRecording {
  readonly trace: Trace;
  readonly source: EntrySource;
  readonly digests?: Digests;
}

/** One of which the frames were read. */
export type DigestedRecording = Required<ComparedRecording>;

/** Reads a recording for a comparison, once, block by block. */
export async function readCompared(
  recording: TracedRecording & EntrySource,
  blocks: AsyncIterable<readonly Entry[]>,
): Promise<DigestedRecording> {
  const digests = new Digests();
  const trace = await readBlocks(recording, watch(blocks, digests));
  return { trace, source: recording, digests };
}

/** The same of a recording of which nothing is remembered: its requests are read, to tell them apart. */
export async function readDigests({
  trace,
  source,
  digests: known,
}: ComparedRecording): Promise<DigestedRecording> {
  if (known !== undefined) return { trace, source, digests: known };
  const digests = new Digests();
  const requests = trace.connections
    .flatMap(({ rpcs }) => rpcs.map(({ requestEntry }) => requestEntry))
    .toSorted((left, right) => left - right);
  for (const entry of requests) {
    const found = await readFrame(source, entry);
    if (found !== null) digests.addQuestion(entry, found.frame);
  }
  return { trace, source, digests };
}

async function* watch(
  blocks: AsyncIterable<readonly Entry[]>,
  digests: Digests,
): AsyncGenerator<readonly Entry[], void, undefined> {
  for await (const entries of blocks) {
    for (const entry of entries) {
      if (entry.kind !== "message" || entry.message.type !== "text") continue;
      const noted = readOutlinedFrame(entry.message, entry.outline);
      // Of events and of what is no frame nothing is remembered: where outlines tell of them, their texts are not read.
      if (!noted.ok || noted.frame.type === "event") continue;
      const { text } = entry.message;
      const parsed = noted.frame.type === "req" ? parseFrame(text) : noted;
      if (parsed.ok) digests.add(entry.entry, parsed.frame, text);
    }
    yield entries;
  }
}
