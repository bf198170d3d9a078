import { isAcceptance } from "../gateway/frame.ts";
import type { Entry, GapEntry, NewEntry } from "../recording/entry.ts";
import { readingOf, type FrameReading } from "../recording/frame-reading.ts";
import { headerValue } from "../wire/message.ts";
import { entryBytes } from "./entry-size.ts";

/** What is kept of all open connections together, unless less is asked for; beyond it only that they opened. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** Requests without an answer that are kept of one connection, the newest. */
const MAX_WAITING = 256;

interface Kept {
  readonly opened: Entry;
  /** The upgrade, the challenge, `connect` and its answer; of plain HTTP the requests that wait. */
  readonly beginning: Entry[];
  isChallenged: boolean;
  /** The id of `connect`; null before it, and once it is answered. */
  connectId: string | null;
  hasConnected: boolean;
  /** Requests without a last answer, by id, each with its first answer if it has one. */
  readonly waiting: Map<string, Entry[]>;
  lastMs: number;
}

/**
 * Keeps of each open connection what somebody who begins to read later needs to know: how it opened, its handshake, and the
 * requests that still wait for an answer.
 */
export class CarriedEntries {
  readonly #maxKeptBytes: number;
  readonly #connections = new Map<number, Kept>();
  #sizeBytes = 0;

  constructor(maxKeptBytes = MAX_KEPT_BYTES) {
    this.#maxKeptBytes = Math.min(maxKeptBytes, MAX_KEPT_BYTES);
  }

  /** Takes in the next entry, as it is stored, with what was read of it. */
  add(entry: Entry, reading: FrameReading | null = readingOf(entry)): void {
    if (entry.connection === 0) return;
    if (entry.kind === "opened") {
      this.#connections.set(entry.connection, begin(entry));
      return;
    }
    const kept = this.#connections.get(entry.connection);
    if (kept === undefined) return;
    kept.lastMs = entry.atMs;
    switch (entry.kind) {
      case "closed":
        for (const old of kept.beginning) this.#sizeBytes -= entryBytes(old);
        for (const old of [...kept.waiting.values()].flat()) this.#sizeBytes -= entryBytes(old);
        this.#connections.delete(entry.connection);
        return;
      case "http-request":
        return this.#keep(kept.beginning, entry);
      case "http-response":
        return this.#answerHttp(kept, entry);
      case "message":
        return reading === null ? undefined : this.#hear(kept, entry, reading);
      case "http-body":
      case "undecodable":
      case "gap":
    }
  }

  /** What is kept, in order of arrival; each connection that goes on ends with a gap, up to that moment. */
  entries(untilMs: number): readonly NewEntry[] {
    return [...this.#connections.values()]
      .flatMap((kept) => {
        const { opened, beginning, waiting, lastMs } = kept;
        const before = [opened, ...beginning, ...[...waiting.values()].flat()];
        return [...before, gapAfter(opened, lastMs, untilMs)];
      })
      .toSorted((left, right) => left.atMs - right.atMs);
  }

  #answerHttp(kept: Kept, entry: Extract<Entry, { kind: "http-response" }>): void {
    const asked = kept.beginning.find(({ kind }) => kind === "http-request");
    const isUpgrade =
      asked?.kind === "http-request" && headerValue(asked.headers, "upgrade") !== null;
    if (isUpgrade) return this.#keep(kept.beginning, entry);
    // Answers come in the order of the requests (RFC 9112, section 9.3.2).
    const answered = entry.status >= 200 ? kept.beginning.shift() : undefined;
    if (answered !== undefined) this.#sizeBytes -= entryBytes(answered);
  }

  #hear(kept: Kept, entry: Entry, reading: FrameReading): void {
    const frame = reading.envelope;
    if (frame?.type === "req" && frame.method === "connect" && !kept.hasConnected) {
      kept.hasConnected = true;
      kept.connectId = frame.id;
      this.#keep(kept.beginning, entry);
    } else if (frame?.type === "req") this.#ask(kept, frame.id, entry);
    else if (frame?.type === "res" && frame.id === kept.connectId) {
      kept.connectId = null;
      this.#keep(kept.beginning, entry);
    } else if (frame?.type === "res") this.#answer(kept, frame.id, entry, reading);
    else if (frame?.event === "connect.challenge" && !kept.isChallenged) {
      kept.isChallenged = true;
      this.#keep(kept.beginning, entry);
    }
  }

  #ask({ waiting }: Kept, id: string, entry: Entry): void {
    this.#drop(waiting, id);
    const oldest = waiting.keys().next();
    if (waiting.size >= MAX_WAITING && !oldest.done) this.#drop(waiting, oldest.value);
    const asked: Entry[] = [];
    this.#keep(asked, entry);
    if (asked.length > 0) waiting.set(id, asked);
  }

  #answer({ waiting }: Kept, id: string, entry: Entry, reading: FrameReading): void {
    const asked = waiting.get(id);
    if (asked === undefined) return;
    // Methods such as `agent` answer twice: first `accepted`, then how it ended.
    if (asked.length === 1 && isAccepted(reading)) this.#keep(asked, entry);
    else this.#drop(waiting, id);
  }

  #drop(waiting: Map<string, Entry[]>, id: string): void {
    for (const entry of waiting.get(id) ?? []) this.#sizeBytes -= entryBytes(entry);
    waiting.delete(id);
  }

  #keep(list: Entry[], entry: Entry): void {
    const sizeBytes = entryBytes(entry);
    if (this.#sizeBytes + sizeBytes > this.#maxKeptBytes) return;
    this.#sizeBytes += sizeBytes;
    list.push(entry);
  }
}

function begin(opened: Entry): Kept {
  return {
    opened,
    beginning: [],
    isChallenged: false,
    connectId: null,
    hasConnected: false,
    waiting: new Map(),
    lastMs: opened.atMs,
  };
}

function isAccepted({ parsed }: FrameReading): boolean {
  return parsed.ok && parsed.frame.type === "res" && isAcceptance(parsed.frame.payload);
}

function gapAfter({ connection, wallMs }: Entry, atMs: number, untilMs: number): GapEntry {
  const nothing = { missingEntries: 0, missingBytes: 0 };
  const reason = "what was said before is in the file before this one";
  return { kind: "gap", connection, atMs, wallMs, reason, ...nothing, untilMs };
}
