import { compareRecordings } from "../../src/diff/compare-recordings.ts";
import type { ComparedRecording } from "../../src/diff/read-compared.ts";
import type { RecordingDiff } from "../../src/diff/model.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { numbered } from "./conversation.ts";
import { traceOf } from "./traces.ts";

/** Compares two scripted recordings, named `first` and `second`. */
export function diffOf(
  a: readonly (readonly NewEntry[])[],
  b: readonly (readonly NewEntry[])[],
  options?: { readonly payloads?: boolean },
): Promise<RecordingDiff> {
  return compareRecordings(recordingOf(a, "first"), recordingOf(b, "second"), options);
}

/** A scripted recording to be compared. */
export function recordingOf(
  conversations: readonly (readonly NewEntry[])[],
  name: string,
): ComparedRecording {
  const entries = numbered(...conversations);
  return {
    trace: traceOf(conversations, { name }),
    source: { read: (first, count) => read(entries, first, count) },
  };
}

function read(entries: readonly Entry[], first: number, count: number): Promise<readonly Entry[]> {
  return Promise.resolve(entries.slice(first - 1, first - 1 + count));
}
