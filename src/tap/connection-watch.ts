import { ConnectionBuilder } from "../trace/connection.ts";
import type { Entry } from "../recording/entry.ts";
import type { Envelope, FrameReading } from "../recording/frame-reading.ts";
import type { Connection } from "../trace/model.ts";

/** Messages of a connection that are understood one and all. Most connections have fewer. */
const MESSAGES_IN_FULL = 400;

/** Entries after those that are understood all the same, since they tell of a failure. */
const MORE_ENTRIES = 1000;

/** The last requests, among which that of a failure is looked for. */
const REQUESTS_KEPT = 64;

/** Larger ones are not kept: a failure among them is only counted. */
const MAX_KEPT_CHARACTERS = 4096;

interface Asked {
  readonly id: string;
  readonly entry: Entry;
  readonly reading: FrameReading;
}

/**
 * Follows one connection while it is recorded, for as long as it lasts, in bounded memory. To understand each message would cost
 * more than recording it: after some hundreds, only those that tell of a failure are looked into.
 */
export class ConnectionWatch {
  readonly #builder: ConnectionBuilder;
  /** Requests after the first hundreds: the last ones, each in the place of the oldest. */
  readonly #asked: (Asked | null)[] = [];
  #isDecided = false;
  #messages = 0;
  #moreEntries = 0;
  #moreCalls = 0;
  #moreFailed = 0;

  constructor(first: Entry) {
    this.#builder = new ConnectionBuilder(first, null);
  }

  /** Takes in the next entry, with what was read of it. True when it decides the handshake. */
  add(entry: Entry, reading: FrameReading | null): boolean {
    if (entry.kind === "message") this.#messages += 1;
    if (this.#messages > MESSAGES_IN_FULL && entry.kind !== "closed") {
      if (reading === null) this.#understand(entry);
      else this.#glance(entry, reading);
      return false;
    }
    this.#builder.add(entry, reading?.parsed);
    if (this.#isDecided || entry.kind !== "message") return false;
    this.#isDecided = this.#builder.connection().outcome !== "incomplete";
    return this.#isDecided;
  }

  /** What is known by now. */
  sum(): { readonly connection: Connection; readonly calls: number; readonly failed: number } {
    const connection = { ...this.#builder.connection(), messageCount: this.#messages };
    const failed = connection.rpcs.filter(({ ok }) => ok === false).length;
    return {
      connection,
      calls: connection.rpcs.length + this.#moreCalls,
      failed: failed + this.#moreFailed,
    };
  }

  #glance(entry: Entry, reading: FrameReading): void {
    const frame = reading.envelope;
    if (frame === null) this.#understand(entry, reading);
    else if (frame.type === "req") this.#ask({ id: frame.id, entry, reading });
    else if (frame.type === "res") this.#glanceAtAnswer(frame, entry, reading);
  }

  #ask(asked: Asked): void {
    this.#moreCalls += 1;
    const isKept = asked.reading.text.length <= MAX_KEPT_CHARACTERS;
    this.#asked[this.#moreCalls % REQUESTS_KEPT] = isKept ? asked : null;
  }

  #glanceAtAnswer(
    { id, ok }: Extract<Envelope, { type: "res" }>,
    entry: Entry,
    reading: FrameReading,
  ): void {
    if (ok) return;
    const request = this.#asked.find((asked) => asked?.id === id) ?? null;
    if (request === null || !this.#understand(request.entry, request.reading)) {
      this.#moreFailed += 1;
      return;
    }
    // From here on the builder counts this call.
    this.#moreCalls -= 1;
    this.#understand(entry, reading);
  }

  #understand(entry: Entry, reading: FrameReading | null = null): boolean {
    if (this.#moreEntries >= MORE_ENTRIES) return false;
    this.#moreEntries += 1;
    this.#builder.add(entry, reading?.parsed);
    return true;
  }
}
