import type { Entry, GapEntry, NewEntry } from "../recording/entry.ts";
import { headerValue } from "../wire/message.ts";
import { entryBytes } from "./entry-size.ts";

/** What is kept of all open connections together, at most; beyond it only that they opened. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** Requests without an answer that are kept of one connection, the newest. */
const MAX_WAITING = 256;

/** What a Gateway and its clients write first. */
const REQUEST = /^\{"type":"req","id":("(?:[^"\\]|\\.)*"),"method":"connect"/;
const ANY_REQUEST = /^\{"type":"req","id":("(?:[^"\\]|\\.)*")/;
const RESPONSE = /^\{"type":"res","id":("(?:[^"\\]|\\.)*")/;

interface Kept {
  readonly opened: Entry;
  /** The upgrade and the handshake; of plain HTTP the requests that wait. */
  readonly beginning: Entry[];
  connectId: string | null;
  isDecided: boolean;
  /** Requests without a last answer, by id, each with its first answer if it has one. */
  readonly waiting: Map<string, Entry[]>;
  lastMs: number;
}

/**
 * Keeps of each open connection what somebody who begins to read later needs to know: how it opened, its handshake, and the
 * requests that still wait for an answer.
 */
export class CarriedEntries {
  readonly #connections = new Map<number, Kept>();
  #sizeBytes = 0;

  /** Takes in the next entry, as it is stored. */
  add(entry: Entry): void {
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
        return this.#hear(kept, entry);
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

  #hear(kept: Kept, entry: Extract<Entry, { kind: "message" }>): void {
    if (entry.message.type !== "text") return;
    const { text } = entry.message;
    const answered = RESPONSE.exec(text)?.[1];
    if (!kept.isDecided) {
      kept.connectId ??= REQUEST.exec(text)?.[1] ?? null;
      kept.isDecided = answered !== undefined && answered === kept.connectId;
      this.#keep(kept.beginning, entry);
    } else if (answered !== undefined) this.#answer(kept, answered, entry, text);
    else {
      const asked = ANY_REQUEST.exec(text)?.[1];
      if (asked !== undefined) this.#ask(kept, asked, entry);
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

  #answer({ waiting }: Kept, id: string, entry: Entry, text: string): void {
    const asked = waiting.get(id);
    // Methods such as `agent` answer twice: first `accepted`, then how it ended.
    const isFirst = asked?.length === 1 && /"status":\s*"accepted"/.test(text.slice(0, 600));
    if (asked !== undefined && isFirst) this.#keep(asked, entry);
    else this.#drop(waiting, id);
  }

  #drop(waiting: Map<string, Entry[]>, id: string): void {
    for (const entry of waiting.get(id) ?? []) this.#sizeBytes -= entryBytes(entry);
    waiting.delete(id);
  }

  #keep(list: Entry[], entry: Entry): void {
    const sizeBytes = entryBytes(entry);
    if (this.#sizeBytes + sizeBytes > MAX_KEPT_BYTES) return;
    this.#sizeBytes += sizeBytes;
    list.push(entry);
  }
}

function begin(opened: Entry): Kept {
  return {
    opened,
    beginning: [],
    connectId: null,
    isDecided: false,
    waiting: new Map(),
    lastMs: opened.atMs,
  };
}

function gapAfter({ connection, wallMs }: Entry, atMs: number, untilMs: number): GapEntry {
  const nothing = { missingEntries: 0, missingBytes: 0 };
  const reason = "what was said before is in the file before this one";
  return { kind: "gap", connection, atMs, wallMs, reason, ...nothing, untilMs };
}
