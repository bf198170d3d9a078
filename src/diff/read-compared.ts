import { parseFrame, type Frame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";
import { readOutlinedFrame } from "../recording/outlines.ts";
import type { Trace, TracedRecording } from "../trace/model.ts";
import { readBlocks } from "../trace/read.ts";
import { hash } from "node:crypto";
import { isVolatileField, maskText } from "../gateway/volatile.ts";
import { maskRedacted } from "./compare-values.ts";

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

/** Params are told apart by so much of their text; what follows hardly says who they are. */
const MAX_CHARACTERS = 2048;

/** What is remembered of the requests and answers of a recording, by entry, so that equal ones need not be read again. */
export class Digests {
  readonly #texts = new Map<number, string>();
  readonly #questions = new Map<number, string>();

  /** Takes in a request or an answer. */
  add(entry: number, frame: Frame, text: string): void {
    this.#texts.set(entry, digest(textWithoutId(text, frame)));
    this.addQuestion(entry, frame);
  }

  /** Takes in what tells a request from others, and no more. */
  addQuestion(entry: number, frame: Frame): void {
    if (frame.type === "req") this.#questions.set(entry, digest(meaningOf(frame)));
  }

  /** The same for two requests whose method and beginning of params say the same, but for what is new in every run; null when unknown. */
  question(entry: number): string | null {
    return this.#questions.get(entry) ?? null;
  }

  /** True when the frame of that entry says to the letter what the frame of an entry of the other recording says, but for its id. */
  saysTheSame(entry: number | null, others: Digests, otherEntry: number | null): boolean {
    if (entry === null || otherEntry === null) return entry === otherEntry;
    const own = this.#texts.get(entry);
    return own !== undefined && own === others.#texts.get(otherEntry);
  }
}

// A byte a character: there are very many of them.
function digest(text: string): string {
  return hash("sha256", text, "binary");
}

function meaningOf({ method, params }: Extract<Frame, { type: "req" }>): string {
  const text = JSON.stringify(params, maskValue) ?? "";
  return `${method}\n${text.slice(0, MAX_CHARACTERS)}`;
}

function maskValue(key: string, value: unknown): unknown {
  if (isVolatileField(key)) return null;
  return typeof value === "string" ? maskRedacted(maskText(value)) : value;
}

// Two frames with the same one say the same: whatever text the ids were cut out of stands at the same place in both, so that either both
// were the ids, or all of the two is equal.
function textWithoutId(text: string, frame: Frame): string {
  if (frame.type === "event") return text;
  const id = JSON.stringify(frame.id);
  const at = text.indexOf(id);
  // JSON has no such character outside of its texts, and not unescaped in them.
  return at < 0 ? text : `${text.slice(0, at)}\0${text.slice(at + id.length)}`;
}
