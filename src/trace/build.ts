import type { ParsedFrame } from "../gateway/frame.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { CondenseRpc } from "./condense.ts";
import { ConnectionBuilder } from "./connection.ts";
import type { Connection, Trace, TracedRecording } from "./model.ts";

/** How much is kept of very many calls. */
interface Limits {
  readonly maxRpcs?: number;
  readonly condense?: CondenseRpc;
}

/** Builds a trace entry by entry, so that a recording can be understood while it is still being written. */
export class TraceBuilder {
  private readonly builders = new Map<number, ConnectionBuilder>();
  private readonly assumedPeer: string | null;
  private readonly limits: Limits;

  /**
   * Of connections with more calls than `maxRpcs`, good calls are forgotten: examples, failures and the newest stay. With `condense`
   * something smaller takes the place of good calls that are long over.
   */
  constructor(
    { assumedPeer }: Partial<Pick<RecordingHeader, "assumedPeer">> = {},
    limits: Limits = {},
  ) {
    this.limits = limits;
    this.assumedPeer = assumedPeer ?? null;
  }

  /** Takes in the next entry, with the frame of a text message where someone read it already. Feed entries in recorded order. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    if (entry.connection === 0) return;
    let connection = this.builders.get(entry.connection);
    if (connection === undefined) {
      connection = new ConnectionBuilder(entry, this.assumedPeer, this.limits);
      this.builders.set(entry.connection, connection);
    }
    connection.add(entry, parsed);
  }

  /** What the entries so far mean. Cheap to ask again: connections without new entries are not rebuilt. */
  trace(recording: TracedRecording): Trace {
    return { recording, connections: this.connections() };
  }

  /** The connections of the trace, for who has no recording to name. */
  connections(): readonly Connection[] {
    return [...this.builders.values()].map((builder) => builder.connection());
  }
}
