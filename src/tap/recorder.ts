import { toEntry } from "../recording/entry.ts";
import { BodyRoom } from "../wire/body-keeper.ts";
import { ConnectionDecoder } from "../wire/decoder.ts";
import { readingOf, type FrameReading } from "../recording/frame-reading.ts";
import type { Entry, NewEntry } from "../recording/entry.ts";
import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { BatchObserver } from "./batch.ts";
import type { Addresses, Skipped, SpliceEnd } from "./observer.ts";

/** Where a recorder puts what it decodes. */
export interface RecorderOptions {
  /** Stores an entry; gives it back as it is stored. When it throws, a gap is stored instead. */
  readonly append: (entry: NewEntry, reading: FrameReading | null) => Entry;
  /** Hears of each entry as it is stored, in order, with what was read of it. */
  readonly onEntry?: (entry: Entry, reading: FrameReading | null) => void;
  /** `own` when the recorder may change the bytes, until they are decoded; `shared` (the default) when it must make a copy. */
  readonly bytes?: "own" | "shared";
  /** Records the bodies of plain HTTP too. */
  readonly httpBodies?: boolean;
  /** A larger message, when inflated, is told of as undecodable. */
  readonly maxMessageBytes?: number;
}

/** HTTP bodies under way beyond this, over all connections, are not kept. */
const BODY_ROOM_BYTES = 8 * 1024 * 1024;

interface Recorded {
  readonly decoder: ConnectionDecoder;
  /** What was thrown away of messages that had begun before bytes were missing. */
  unfinishedBytes: number;
}

/** Decodes what crosses a splice and appends it to a recording. Nothing that it hears makes it throw. */
export class Recorder implements BatchObserver {
  readonly #options: RecorderOptions;
  readonly #connections = new Map<number, Recorded>();
  readonly #touched = new Set<Recorded>();
  readonly #bodyRoom: BodyRoom | null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#bodyRoom = options.httpBodies === true ? new BodyRoom(BODY_ROOM_BYTES) : null;
  }

  opened(connection: number, addresses: Addresses, at: Moment): void {
    this.#append({
      ...at,
      kind: "opened",
      connection,
      clientAddress: addresses.client,
      peerAddress: addresses.peer,
      gatewayAddress: addresses.gateway,
    });
    const decoder = new ConnectionDecoder((event) => this.#append(toEntry(connection, event)), {
      bodyRoom: this.#bodyRoom,
      ...(this.#options.maxMessageBytes === undefined
        ? {}
        : { maxMessageBytes: this.#options.maxMessageBytes }),
    });
    this.#connections.set(connection, { decoder, unfinishedBytes: 0 });
  }

  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): void {
    const own = this.#options.bytes === "own" ? bytes : Uint8Array.from(bytes);
    const recorded = this.#connections.get(connection);
    if (recorded === undefined) return;
    this.#touched.add(recorded);
    recorded.decoder.push(from, own, at);
  }

  ended(connection: number, from: Side, at: Moment): void {
    this.#connections.get(connection)?.decoder.end(from, at);
  }

  closed(connection: number, end: SpliceEnd, at: Moment): void {
    const decoder = this.#connections.get(connection)?.decoder;
    if (decoder === undefined) return;
    decoder.end("client", at);
    decoder.end("gateway", at);
    decoder.afterwards(() => {
      this.#append({ ...at, ...end, kind: "closed", connection });
      this.#connections.delete(connection);
    });
  }

  broken(connection: number, from: Side): void {
    const recorded = this.#connections.get(connection);
    recorded?.decoder.skip(from, (bytes) => {
      recorded.unfinishedBytes += bytes;
    });
  }

  skipped(connection: number, skipped: Skipped, at: Moment): void {
    const recorded = this.#connections.get(connection);
    if (recorded === undefined) {
      this.#append({ ...at, ...skipped, kind: "gap", connection });
      return;
    }
    recorded.decoder.afterwards(() => {
      const missingBytes = skipped.missingBytes + recorded.unfinishedBytes;
      recorded.unfinishedBytes = 0;
      this.#append({ ...at, ...skipped, missingBytes, kind: "gap", connection });
    });
  }

  /** Runs the action once all bytes heard so far are decoded: at once, unless something is being inflated. */
  afterwards(action: () => void): void {
    let left = 1;
    const done = (): void => {
      left -= 1;
      if (left === 0) action();
    };
    for (const { decoder } of this.#touched) {
      left += 1;
      decoder.afterwards(done);
    }
    this.#touched.clear();
    done();
  }

  /** Resolves when everything heard so far is decoded and appended. */
  async idle(): Promise<void> {
    const connections = [...this.#connections.values()];
    await Promise.all(connections.map(({ decoder }) => decoder.idle()));
  }

  /** A fault of ours costs the entry that it is about, not the recording. */
  #append(entry: NewEntry): void {
    let stored: Entry;
    const reading = readingOf(entry);
    try {
      stored = this.#options.append(entry, reading);
    } catch (error) {
      const { kind, connection, atMs, wallMs } = entry;
      // Not the error's message, which may quote what must not be recorded.
      const fault = error instanceof Error ? error.name : typeof error;
      const reason = `gw-trace failed to record this ${kind}: ${fault}`;
      const missingBytes = "sizeBytes" in entry ? entry.sizeBytes : 0;
      const missing = { reason, missingEntries: 1, missingBytes, untilMs: atMs };
      stored = this.#options.append({ kind: "gap", connection, atMs, wallMs, ...missing }, null);
    }
    this.#options.onEntry?.(stored, readingOf(stored, reading));
  }
}
