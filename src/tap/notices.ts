import { rulesFor } from "../gateway/rules.ts";
import { diagnose } from "../findings/diagnose.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { FrameReading } from "../recording/frame-reading.ts";
import type { Connection } from "../trace/model.ts";

/** Something worth a line while recording: a handshake was decided, or a connection ended. */
export interface Notice {
  readonly kind: "decided" | "closed";
  /**
   * Of a long connection the calls and events are those of its beginning, and later on the calls that failed; `messageCount` counts
   * all.
   */
  readonly connection: Connection;
  /** How many requests there were, `connect` aside. */
  readonly calls: number;
  /** How many of them were refused. */
  readonly failed: number;
}

/** What a board tells. */
export interface NoticeListener {
  readonly onNotice: (notice: Notice) => void;
  /** Hears of each finding on a connection once. Findings over several connections are left to the reports. */
  readonly onFinding: (finding: Finding) => void;
}

interface Watched {
  readonly watch: ConnectionWatch;
  /** The findings that were told, by code and first evidence: repeated refusals of one method stay one finding. */
  readonly told: Set<string>;
}

/**
 * Understands entries as they are stored and says when a connection is worth a line; forgets it when it is closed. A fault of ours
 * costs the lines about that connection, and nothing else.
 */
export class NoticeBoard {
  readonly #listener: NoticeListener;
  /** Null for connections that nothing more is said about. */
  readonly #watched = new Map<number, Watched | null>();
  /** Open connections on which something was refused since they were diagnosed last. */
  readonly #suspicious = new Set<number>();

  constructor(listener: NoticeListener) {
    this.#listener = listener;
  }

  /** Takes in the next entry, in recorded order, with what was read of it. */
  add(entry: Entry, reading: FrameReading | null): void {
    const { connection } = entry;
    if (connection === 0) return;
    this.#try(connection, () => this.#watch(entry, reading));
    if (entry.kind === "closed") this.#watched.delete(connection);
  }

  /** Looks for what is to be found on connections where something was refused: too much work to be done for every entry. */
  look(): void {
    for (const connection of this.#suspicious)
      this.#try(connection, () => this.#diagnose(connection));
  }

  #watch(entry: Entry, reading: FrameReading | null): void {
    const { connection } = entry;
    let watched = this.#watched.get(connection);
    if (watched === null) return;
    if (watched === undefined) {
      watched = { watch: new ConnectionWatch(entry), told: new Set() };
      this.#watched.set(connection, watched);
    }
    const { watch } = watched;
    if (watch.add(entry, reading)) this.#listener.onNotice({ kind: "decided", ...watch.sum() });
    if (tellsOfFailure(entry, reading)) this.#suspicious.add(connection);
    if (entry.kind !== "closed") return;
    this.#diagnose(connection);
    this.#listener.onNotice({ kind: "closed", ...watch.sum() });
  }

  #diagnose(id: number): void {
    this.#suspicious.delete(id);
    const watched = this.#watched.get(id);
    if (watched == null) return;
    const { connection } = watched.watch.sum();
    const version = connection.handshake.hello?.serverVersion ?? null;
    const recording = { name: "", header: HEADER, complete: true, missing: [], entryCount: 0 };
    const rules = [rulesFor(version)];
    for (const finding of diagnose([{ recording, connections: [connection], gaps: [], rules }])) {
      const key = `${finding.code} ${finding.evidence[0] ?? ""}`;
      if (!watched.told.has(key)) this.#listener.onFinding(finding);
      watched.told.add(key);
    }
  }

  #try(connection: number, action: () => void): void {
    try {
      action();
    } catch {
      this.#watched.set(connection, null);
    }
  }
}

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

function tellsOfFailure(entry: Entry, reading: FrameReading | null): boolean {
  if (entry.kind !== "message") return entry.kind === "undecodable";
  if (entry.from === "client") return false;
  const frame = reading?.envelope;
  return frame?.type === "res" && !frame.ok;
}
