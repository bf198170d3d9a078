import type { ParsedFrame } from "../gateway/frame.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { CallLimits } from "./calls.ts";
import { ConnectionBuilder } from "./connection.ts";
import { GapLog, gapOf } from "./gaps.ts";
import type { Connection, Trace, TracedRecording } from "./model.ts";

/** Builds a trace entry by entry, so that a recording can be understood while it is still being written. */
export class TraceBuilder {
  private readonly builders = new Map<number, ConnectionBuilder>();
  private readonly gaps = new GapLog();
  private readonly assumedPeer: string | null;
  private readonly limits: CallLimits;

  /**
   * Of connections with more calls than `maxRpcs`, good calls are forgotten: examples, failures and the newest stay.
   */
  constructor(
    { assumedPeer }: Partial<Pick<RecordingHeader, "assumedPeer">> = {},
    limits: CallLimits = {},
  ) {
    this.limits = limits;
    this.assumedPeer = assumedPeer ?? null;
  }

  /** Takes in the next entry, with the frame of a text message where someone read it already. Feed entries in recorded order. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    if (entry.connection === 0) {
      if (entry.kind === "gap") this.gaps.add(gapOf(entry));
      return;
    }
    let connection = this.builders.get(entry.connection);
    if (connection === undefined) {
      connection = new ConnectionBuilder(entry, this.assumedPeer, this.limits, this.gaps);
      this.builders.set(entry.connection, connection);
    }
    connection.add(entry, parsed);
  }

  /** What the entries so far mean. Cheap to ask again: connections without new entries are not rebuilt. */
  trace(recording: TracedRecording): Trace {
    return { recording, connections: this.connections(), gaps: this.gaps.gaps };
  }

  /** The connections of the trace, for who has no recording to name. */
  connections(): readonly Connection[] {
    return [...this.builders.values()].map((builder) => builder.connection());
  }
}
