import { GwTraceError } from "../errors.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { mergeRecordings, type MergedPart } from "../reduce/merge.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { Trace } from "../trace/model.ts";
import { collect, openAllNamed } from "./read-traces.ts";

/** Recorded clients that can be played: what they did, and what it meant. */
export interface RecordedClients {
  readonly before: Trace;
  readonly entries: readonly Entry[];
  /** The recordings that they are from. */
  readonly recordings: readonly string[];
  /** Where each connection is from, one line each; none for a single recording. */
  readonly origins: readonly string[];
}

/**
 * Reads the clients of recordings, several as one by the wall clock, as `gw-trace merge` does.
 * @throws {GwTraceError} RECORDING_EMPTY, and what opening a recording may throw
 */
export async function readClients(
  names: readonly string[],
  profiles: readonly Profile[] = [],
): Promise<RecordedClients> {
  await using opened = await openAllNamed(names);
  const clients = await readAll(opened.readers, profiles);
  if (clients.before.connections.some(({ upgrade }) => upgrade !== null)) return clients;
  throw new GwTraceError(
    "RECORDING_EMPTY",
    `${clients.recordings.join(", ")} holds no client that can be played`,
    "Record a client that connects: gw-trace record.",
  );
}

async function readAll(
  readers: readonly RecordingReader[],
  profiles: readonly Profile[],
): Promise<RecordedClients> {
  const [first, ...others] = await Promise.all(readers.map(readPart));
  if (first === undefined) throw new TypeError("no recording to play clients of");
  const recordings = readers.map(({ name }) => name);
  const { header: firstHeader, entries: firstEntries } = first;
  if (others.length === 0) {
    const before = traceOf(recordings, firstHeader, firstEntries, profiles);
    return { before, entries: firstEntries, recordings, origins: [] };
  }
  const merged = mergeRecordings([first, ...others]);
  const entries = merged.entries.map((entry, index): Entry => ({ ...entry, entry: index + 1 }));
  const header = { ...firstHeader, ...merged.header };
  const origins = merged.origins.map(
    ({ part, connection }, index) =>
      `connection ${index + 1} is connection ${connection} of ${recordings[part] ?? ""}`,
  );
  return { before: traceOf(recordings, header, entries, profiles), entries, recordings, origins };
}

async function readPart(reader: RecordingReader): Promise<MergedPart> {
  return { header: reader.header, entries: await collect(reader.entries()) };
}

function traceOf(
  recordings: readonly string[],
  header: RecordingHeader,
  entries: readonly Entry[],
  profiles: readonly Profile[],
): Trace {
  const builder = new TraceBuilder(header, { profiles });
  for (const entry of entries) builder.add(entry);
  const facts = { complete: true, missing: [], entryCount: entries.length };
  return builder.trace({ name: recordings.join(", "), header, ...facts });
}
