import { diagnose } from "../findings/diagnose.ts";
import type { Finding } from "../findings/finding.ts";
import type { RecordingHeader } from "../recording/entry.ts";
import type { Connection } from "../trace/model.ts";

/** The maker of a trace wants a header; none of its fields leads to a finding about a connection. */
const HEADER: RecordingHeader = {
  formatVersion: 1,
  toolVersion: "",
  source: "tap",
  startedAt: "1970-01-01T00:00:00.000Z",
  upstream: null,
  listen: null,
  redaction: "credentials",
  replayOf: [],
  assumedPeer: null,
  localityChange: null,
  part: null,
  scrubbed: null,
};

/** Says what is newly found on connections while they are being recorded. Findings over several connections are left to the reports. */
export class FindingWatch {
  readonly #told = new Map<number, Set<string>>();

  /** The findings on this connection: all, and those that were not there when it was looked at last. */
  look(connection: Connection): {
    readonly all: readonly Finding[];
    readonly news: readonly Finding[];
  } {
    const told = this.#told.get(connection.id) ?? new Set<string>();
    this.#told.set(connection.id, told);
    const recording = { name: "", header: HEADER, complete: true, missing: [], entryCount: 0 };
    const all = diagnose([{ recording, connections: [connection] }]);
    const news = all.filter((finding) => {
      // Repeated refusals of one method stay one finding, whose title counts them.
      const key = `${finding.code} ${finding.evidence[0] ?? ""}`;
      if (told.has(key)) return false;
      told.add(key);
      return true;
    });
    return { all, news };
  }

  /** Forgets a connection that is over. */
  forget(connection: number): void {
    this.#told.delete(connection);
  }
}
