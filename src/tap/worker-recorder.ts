import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { BatchBuilder } from "./batch.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { ClosedRecording } from "../recording/writer.ts";
import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { Notice } from "./notices.ts";
import type { Addresses, SpliceEnd, SpliceObserver } from "./observer.ts";
import type { FromWorker, PlainError, ToWorker } from "./worker-message.ts";

// Both src/tap/ and dist/tap/ are two folders down, and Node can only run what is in dist/.
const WORKER_FILE = new URL("../../dist/tap/recorder-worker.js", import.meta.url);

/** Observations go to the other thread when they are this old, or this large. */
const BATCH_AGE_MS = 5;
const BATCH_BYTES = 256 * 1024;

const DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** How a recording is made on another thread. */
export interface WorkerRecorderOptions {
  /** Bytes under way to the other thread beyond this are not recorded, but counted. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  readonly onNotice: (notice: Notice) => void;
  /** Called once, when for the first time something cannot be recorded. */
  readonly onBlind: (error: GwTraceError) => void;
}

/** What a connection lost because the recording thread could not keep up. */
interface Loss {
  readonly since: Moment;
  missingBytes: number;
}

/**
 * Hands what it observes, in batches, to a thread that decodes and writes it. It observes from the start, but nothing is written
 * before `begin`. Observing never waits and never throws.
 */
export class WorkerRecorder implements SpliceObserver {
  readonly #options: WorkerRecorderOptions;
  readonly #worker: Worker;
  readonly #builder = new BatchBuilder();
  readonly #losses = new Map<number, Loss>();
  readonly #finished: Promise<ClosedRecording | null>;
  #settleFinished: (recording: ClosedRecording | null) => void = () => undefined;
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #hasBegun = false;
  #isDead = false;
  #isBlindTold = false;

  constructor(options: WorkerRecorderOptions) {
    this.#options = options;
    const worker = new Worker(WORKER_FILE);
    this.#worker = worker;
    this.#finished = new Promise((resolve) => {
      this.#settleFinished = resolve;
    });
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#die(error));
    worker.on("exit", () => this.#settleFinished(null));
  }

  /**
   * Creates the recording.
   * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
   */
  async begin(path: string, header: NewRecordingHeader): Promise<void> {
    this.#post({ type: "begin", path, header });
    const [first]: FromWorker[] = await once(this.#worker, "message");
    if (first?.type === "failed") throw toError(first.error);
    this.#hasBegun = true;
    this.#send();
  }

  opened(connection: number, addresses: Addresses, at: Moment): void {
    this.#builder.opened(connection, addresses, at);
    this.#schedule();
  }

  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): void {
    const loss = this.#losses.get(connection);
    if (loss !== undefined) {
      loss.missingBytes += bytes.length;
      return;
    }
    if (!this.#hasRoom(bytes.length)) return this.#lose(connection, bytes.length, at);
    this.#builder.bytes(connection, from, bytes, at);
    this.#schedule();
  }

  ended(connection: number, from: Side, at: Moment): void {
    this.#builder.ended(connection, from, at);
    this.#schedule();
  }

  closed(connection: number, end: SpliceEnd, at: Moment): void {
    this.#tellLoss(connection, at);
    this.#builder.closed(connection, end, at);
    this.#schedule();
  }

  /** Sees everything observed to the disk and closes the recording. Null when the thread died. Never rejects. */
  async finish(at: Moment): Promise<ClosedRecording | null> {
    for (const connection of this.#losses.keys()) this.#tellLoss(connection, at);
    this.#send();
    this.#post({ type: "finish" });
    return this.#finished;
  }

  /** Ends the thread without a recording. */
  async abandon(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #hasRoom(sizeBytes: number): boolean {
    const max = this.#options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES;
    return !this.#isDead && this.#queuedBytes + this.#builder.sizeBytes + sizeBytes <= max;
  }

  // A message with a hole in it cannot be decoded, and where the next begins is not known: the rest of the connection is lost.
  #lose(connection: number, sizeBytes: number, at: Moment): void {
    this.#losses.set(connection, { since: at, missingBytes: sizeBytes });
    this.#tellBlind(
      new GwTraceError(
        "WRITE_FAILED",
        "there is more traffic than can be recorded",
        "Traffic flows on; the recording says what it misses.",
      ),
    );
  }

  #tellLoss(connection: number, until: Moment): void {
    const loss = this.#losses.get(connection);
    if (loss === undefined) return;
    this.#losses.delete(connection);
    const { since, missingBytes } = loss;
    const reason = "more traffic than could be recorded";
    const untilMs = until.atMs;
    this.#builder.skipped(connection, { reason, missingBytes, missingEntries: 0, untilMs }, since);
  }

  #schedule(): void {
    if (this.#builder.sizeBytes >= BATCH_BYTES) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), BATCH_AGE_MS);
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#hasBegun) return;
    const batch = this.#builder.take();
    if (batch === null || this.#isDead) return;
    this.#queuedBytes += batch.bytes.length;
    this.#post({ type: "batch", batch }, [batch.numbers.buffer, batch.bytes.buffer]);
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "taken":
        this.#queuedBytes -= message.sizeBytes;
        return;
      case "notice":
        return this.#options.onNotice(message.notice);
      case "blind":
        return this.#tellBlind(toError(message.error));
      case "finished":
        return this.#settleFinished(message.recording);
      case "begun":
      case "failed":
    }
  }

  #die(cause: unknown): void {
    this.#isDead = true;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = "Traffic flows on, but is not recorded; please report this bug in gw-trace.";
    this.#tellBlind(
      new GwTraceError("WRITE_FAILED", `the recorder failed: ${reason}`, hint, { cause }),
    );
  }

  #tellBlind(error: GwTraceError): void {
    if (this.#isBlindTold) return;
    this.#isBlindTold = true;
    this.#options.onBlind(error);
  }
}

function toError({ code, message, hint }: PlainError): GwTraceError {
  return new GwTraceError(code, message, hint);
}
