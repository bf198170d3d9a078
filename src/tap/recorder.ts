import { createConnectionDecoder } from "../wire/decoder.ts";
import type { Entry, NewEntry } from "../recording/entry.ts";
import type { ConnectionDecoder } from "../wire/decoder.ts";
import type { Moment, WireEvent } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { Addresses, Skipped, SpliceEnd, SpliceObserver } from "./observer.ts";

/** Where a recorder puts what it decodes. */
export interface RecorderOptions {
  /** Stores an entry; gives it back as it is stored. */
  readonly append: (entry: NewEntry) => Entry;
  /** Hears of each entry as it is stored, in order. */
  readonly onEntry?: (entry: Entry) => void;
  /** `owned` when the bytes are a copy that nobody else uses, `lent` (the default) when the recorder must make one. */
  readonly bytes?: "owned" | "lent";
}

/** Decodes what crosses a splice and appends it to a recording. */
export class Recorder implements SpliceObserver {
  readonly #options: RecorderOptions;
  readonly #decoders = new Map<number, ConnectionDecoder>();

  constructor(options: RecorderOptions) {
    this.#options = options;
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
    this.#decoders.set(
      connection,
      createConnectionDecoder((event) => this.#append(toEntry(connection, event))),
    );
  }

  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): void {
    const own = this.#options.bytes === "owned" ? bytes : Uint8Array.from(bytes);
    this.#decoders.get(connection)?.push(from, own, at);
  }

  ended(connection: number, from: Side, at: Moment): void {
    this.#decoders.get(connection)?.end(from, at);
  }

  closed(connection: number, end: SpliceEnd, at: Moment): void {
    const decoder = this.#decoders.get(connection);
    decoder?.end("client", at);
    decoder?.end("gateway", at);
    decoder?.afterwards(() => {
      this.#append({ ...at, ...end, kind: "closed", connection });
      this.#decoders.delete(connection);
    });
  }

  /** Bytes of this connection that never came here; it is not heard of again until it is closed. */
  skipped(connection: number, skipped: Skipped, at: Moment): void {
    const gap: NewEntry = { ...at, ...skipped, kind: "gap", connection };
    this.#decoders.get(connection)?.afterwards(() => this.#append(gap));
  }

  /** Resolves when everything heard so far is decoded and appended. */
  async idle(): Promise<void> {
    await Promise.all([...this.#decoders.values()].map((decoder) => decoder.idle()));
  }

  #append(entry: NewEntry): void {
    const stored = this.#options.append(entry);
    this.#options.onEntry?.(stored);
  }
}

function toEntry(connection: number, event: WireEvent): NewEntry {
  return event.kind === "undecodable"
    ? { ...event, connection }
    : { ...event, connection, redacted: false };
}
