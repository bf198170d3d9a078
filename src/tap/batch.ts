import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { Addresses, Skipped, SpliceEnd, SpliceObserver } from "./observer.ts";

/** Much that was observed, in a form that goes to another thread without being copied again. */
export interface Batch {
  /** Five numbers for each observation: its kind, the connection, atMs, wallMs, and the size of its bytes. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The bytes of all observations, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the observations without bytes say, in order. */
  readonly facts: readonly Fact[];
  /** The size of it all in memory. */
  readonly sizeBytes: number;
  /** How many entries it makes, as far as they can be counted without decoding. */
  readonly entryCount: number;
}

/** An observer that also bears to hear that something was kept from it. */
export interface BatchObserver extends SpliceObserver {
  /** Bytes of this side are missing from here on, up to where the next message begins; `skipped` will tell how many. */
  broken(connection: number, from: Side, at: Moment): void;
  /** What was missing; connection 0 stands for connections of which nothing was recorded. */
  skipped(connection: number, skipped: Skipped, at: Moment): void;
}

type Fact =
  | { readonly kind: "opened"; readonly addresses: Addresses }
  | { readonly kind: "ended"; readonly from: Side }
  | { readonly kind: "broken"; readonly from: Side }
  | { readonly kind: "skipped"; readonly skipped: Skipped }
  | { readonly kind: "closed"; readonly end: SpliceEnd };

const FIELDS = 5;
const FACT = 0;
const CLIENT_BYTES = 1;
const GATEWAY_BYTES = 2;

/** About what a fact takes in memory, twice as it is cloned. */
const FACT_BYTES = 400;

const MIN_CAPACITY_BYTES = 16 * 1024;

/** Memory kept for later batches, at most. */
const MAX_SPARE_BYTES = 4 * 1024 * 1024;

/** Collects observations; it copies the bytes that it is lent. */
export class BatchBuilder implements BatchObserver {
  #numbers: number[] = [];
  #facts: Fact[] = [];
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #spareBytes = 0;
  #bytes = reserve(MIN_CAPACITY_BYTES);
  #sizeBytes = 0;
  #messages = 0;

  /** The size of what was collected, in memory. */
  get sizeBytes(): number {
    return this.#sizeBytes + this.#numbers.length * 8 + this.#facts.length * FACT_BYTES;
  }

  opened(connection: number, addresses: Addresses, at: Moment): void {
    this.#addFact(connection, { kind: "opened", addresses }, at);
  }

  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
    const kind = from === "client" ? CLIENT_BYTES : GATEWAY_BYTES;
    this.#numbers.push(kind, connection, at.atMs, at.wallMs, bytes.length);
  }

  ended(connection: number, from: Side, at: Moment): void {
    this.#addFact(connection, { kind: "ended", from }, at);
  }

  broken(connection: number, from: Side, at: Moment): void {
    this.#addFact(connection, { kind: "broken", from }, at);
  }

  skipped(connection: number, skipped: Skipped, at: Moment): void {
    this.#addFact(connection, { kind: "skipped", skipped }, at);
  }

  closed(connection: number, end: SpliceEnd, at: Moment): void {
    this.#addFact(connection, { kind: "closed", end }, at);
  }

  /** What was collected since the last call; null when nothing was. Its buffers are the caller's to transfer. */
  take(): Batch | null {
    if (this.#numbers.length === 0) return null;
    const batch: Batch = {
      numbers: Float64Array.from(this.#numbers),
      bytes: this.#bytes.subarray(0, this.#sizeBytes),
      facts: this.#facts,
      sizeBytes: this.sizeBytes,
      entryCount: this.#messages + this.#facts.length,
    };
    this.#bytes = this.#takeSpare() ?? reserve(MIN_CAPACITY_BYTES);
    this.#numbers = [];
    this.#facts = [];
    this.#sizeBytes = 0;
    this.#messages = 0;
    return batch;
  }

  /** Gives back the memory of a batch that nobody needs any more: what is used again need not be collected. */
  recycle(memory: ArrayBuffer): void {
    if (this.#spareBytes + memory.byteLength > MAX_SPARE_BYTES) return;
    this.#spareBytes += memory.byteLength;
    this.#spare.push(new Uint8Array(memory));
  }

  #takeSpare(): Uint8Array<ArrayBuffer> | undefined {
    const spare = this.#spare.pop();
    this.#spareBytes -= spare?.length ?? 0;
    return spare;
  }

  /** Counts messages that the bytes collected end. */
  countMessages(count: number): void {
    this.#messages += count;
  }

  #addFact(connection: number, fact: Fact, at: Moment): void {
    this.#facts.push(fact);
    this.#numbers.push(FACT, connection, at.atMs, at.wallMs, 0);
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#sizeBytes + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const larger = reserve(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#sizeBytes));
    this.#bytes = larger;
  }
}

/** Memory of its own, which can be transferred, and is not filled with zeros first. */
function reserve(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(sizeBytes);
}

/** Tells an observer what a batch holds, in order. */
export function replayBatch(batch: Batch, observer: BatchObserver): void {
  const { numbers, bytes, facts } = batch;
  let offset = 0;
  let factIndex = 0;
  for (let i = 0; i < numbers.length; i += FIELDS) {
    const connection = numbers[i + 1] ?? 0;
    const at = { atMs: numbers[i + 2] ?? 0, wallMs: numbers[i + 3] ?? 0 };
    if (numbers[i] === FACT) {
      const fact = facts[factIndex++];
      if (fact !== undefined) tellFact(observer, connection, fact, at);
      continue;
    }
    const end = offset + (numbers[i + 4] ?? 0);
    const from = numbers[i] === CLIENT_BYTES ? "client" : "gateway";
    void observer.bytes(connection, from, bytes.subarray(offset, end), at);
    offset = end;
  }
}

function tellFact(observer: BatchObserver, connection: number, fact: Fact, at: Moment): void {
  switch (fact.kind) {
    case "opened":
      return observer.opened(connection, fact.addresses, at);
    case "ended":
      return observer.ended(connection, fact.from, at);
    case "broken":
      return observer.broken(connection, fact.from, at);
    case "skipped":
      return observer.skipped(connection, fact.skipped, at);
    case "closed":
      return observer.closed(connection, fact.end, at);
  }
}
