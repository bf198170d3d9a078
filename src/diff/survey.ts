import { parseFrame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";
import { HoleFinder } from "../recording/holes.ts";
import { readOutlinedFrame } from "../recording/outlines.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { CondenseRpc } from "../trace/condense.ts";
import type { Connection, Rpc, Trace, TracedRecording } from "../trace/model.ts";
import { callOf, type Calls } from "./call.ts";
import { CallTable } from "./call-table.ts";
import { NumberColumn } from "./columns.ts";
import type { ComparedRecording } from "./compare-recordings.ts";
import { FrameDigests } from "./frame-digests.ts";
import type { EntrySource } from "./frame-source.ts";

/** A recording that is read as a whole, and where its entries can be read once more. */
export type SurveyedRecording = TracedRecording & EntrySource;

/**
 * Reads a recording for a comparison, once, block by block. Of calls that are long over the trace does not tell one from another; what
 * a comparison asks of each is remembered aside. `readBlocks` begins to read from the beginning; few of the texts are asked for.
 */
export async function surveyRecording(
  recording: SurveyedRecording,
  readBlocks: () => AsyncIterable<readonly Entry[]>,
): Promise<ComparedRecording> {
  const calls = new CondensedCalls();
  const { trace, digests } = await readThrough(recording, readBlocks(), calls.condense);
  // Only a call that is remembered whole can take in an answer that comes long after it was answered: one that seems to answer nothing
  // may be such.
  const isUnsure = trace.connections.some(
    ({ id, strayResponses }) => strayResponses.length > 0 && calls.has(id),
  );
  if (isUnsure) return { ...(await readThrough(recording, readBlocks())), source: recording };
  return { trace, digests, source: recording, callsOf: (connection) => calls.of(connection) };
}

async function readThrough(
  recording: SurveyedRecording,
  blocks: AsyncIterable<readonly Entry[]>,
  condense?: CondenseRpc,
): Promise<{ readonly trace: Trace; readonly digests: FrameDigests }> {
  const digests = new FrameDigests();
  const limits = condense === undefined ? {} : { condense };
  const builder = new TraceBuilder(recording.header, limits);
  const holes = new HoleFinder();
  for await (const entries of blocks) {
    for (const entry of entries) {
      const hole = holes.before(entry);
      if (hole !== null) builder.add(hole);
      addEntry(entry, builder, digests);
    }
  }
  const { name, header, complete, missing, entryCount } = recording;
  return { trace: builder.trace({ name, header, complete, missing, entryCount }), digests };
}

function addEntry(entry: Entry, builder: TraceBuilder, digests: FrameDigests): void {
  if (entry.kind !== "message" || entry.message.type !== "text") return builder.add(entry);
  const noted = entry.outline?.frame.type;
  // Events are counted only, and of an answer no more than its digest is wanted: where their outlines were noted, nothing is parsed.
  if (noted === "event") return builder.add(entry);
  const { text } = entry.message;
  const parsed =
    noted === "res" ? readOutlinedFrame(entry.message, entry.outline) : parseFrame(text);
  if (parsed.ok && parsed.frame.type !== "event") digests.add(entry.entry, parsed.frame, text);
  if (noted === "res") builder.add(entry);
  else builder.add(entry, parsed);
}

/** The calls of a recording, of which the trace keeps but one for many that are alike. */
class CondensedCalls {
  readonly #table = new CallTable();
  /** By connection, where its calls are in the table. */
  readonly #places = new Map<number, NumberColumn>();
  readonly #standIns = new Map<string, Rpc>();

  readonly condense = (rpc: Rpc, isEarly: boolean): Rpc => {
    const places = this.#places.get(rpc.connection) ?? new NumberColumn();
    places.push(this.#table.add(rpc));
    this.#places.set(rpc.connection, places);
    const key = `${rpc.connection}\n${isEarly}\n${rpc.method}`;
    const standIn = this.#standIns.get(key) ?? rpc;
    this.#standIns.set(key, standIn);
    return standIn;
  };

  /** True when something stands for some of that connection's calls. */
  has(connection: number): boolean {
    return this.#places.has(connection);
  }

  /** All calls of a connection, those that something stands for included. */
  of({ id, rpcs }: Connection): Calls {
    const condensed = this.#places.get(id);
    if (condensed === undefined) return rpcs.map(callOf);
    const standIns = new Set(this.#standIns.values());
    const places = new NumberColumn();
    let next = 0;
    for (const rpc of rpcs) {
      const known = standIns.has(rpc) ? condensed.at(next++) : undefined;
      places.push(known ?? this.#table.add(rpc));
    }
    return {
      length: places.length,
      at: (index) => this.#table.at(places.at(index) ?? -1),
    };
  }
}
