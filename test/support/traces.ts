import type { NewEntry, RecordingHeader } from "../../src/recording/entry.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import type { Connection, Trace, TracedRecording } from "../../src/trace/model.ts";
import { numbered } from "./conversation.ts";

/** A recording's header as the tap would write it. */
export const HEADER: RecordingHeader = {
  formatVersion: 1,
  toolVersion: "0.0.0-test",
  source: "tap",
  startedAt: "2026-11-23T12:00:00.000Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "credentials",
  replayOf: [],
  assumedPeer: null,
  localityChange: null,
  part: null,
  scrubbed: null,
};

/** Reads scripted conversations as the trace of one recording. */
export function traceOf(
  conversations: readonly (readonly NewEntry[])[],
  recording: Partial<TracedRecording> = {},
): Trace {
  const entries = numbered(...conversations);
  const builder = new TraceBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.trace({
    name: "scripted",
    header: HEADER,
    complete: true,
    missing: [],
    entryCount: entries.length,
    ...recording,
  });
}

/** The only connection of a script. */
export function connectionOf(entries: readonly NewEntry[]): Connection {
  const [connection] = traceOf([entries]).connections;
  if (connection === undefined) throw new Error("the script holds no connection");
  return connection;
}
