import { Worker } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Batch } from "./batch.ts";
import type { Notice } from "./notices.ts";
import type { FromWorker, OtlpNews, PlainError, RecordStatus, ToWorker } from "./worker-message.ts";

// Both src/tap/ and dist/tap/ are two folders down, and Node can only run what is in dist/.
const WORKER_FILE = new URL("../../dist/tap/recorder-worker.js", import.meta.url);

/** Where and how the thread is to record. */
export type Begin = Omit<Extract<ToWorker, { type: "begin" }>, "type">;

/** What is heard from the recording thread. */
export interface LinkEvents {
  readonly onNotice: (notice: Notice) => void;
  readonly onFinding: (finding: Finding) => void;
  readonly onStatus: (status: RecordStatus) => void;
  readonly onSaved: (path: string) => void;
  readonly onOtlp: (news: OtlpNews) => void;
  readonly onBlind: (error: GwTraceError) => void;
  /** The thread died of this. */
  readonly onDeath: (error: GwTraceError) => void;
  /** A batch was taken in, so there is more room and its memory is free; or the thread died, and there will never be. */
  readonly onRoom: (memory: ArrayBuffer | null) => void;
}

/** The recording thread as seen from the splicing thread: what is under way to it, and whether it lives. */
export class WorkerLink {
  readonly #events: LinkEvents;
  readonly #worker: Worker;
  readonly #underWay: { readonly sizeBytes: number; readonly entryCount: number }[] = [];
  readonly #begun: Promise<void>;
  #settleBegun: (error: GwTraceError | null) => void = () => undefined;
  readonly #finished: Promise<ClosedRecording | null>;
  #settleFinished: (recording: ClosedRecording | null) => void = () => undefined;
  readonly #exited: Promise<void>;
  #queuedBytes = 0;
  #lastEntry = 0;
  #over: string | null = null;

  constructor(events: LinkEvents) {
    this.#events = events;
    this.#begun = new Promise((resolve, reject) => {
      this.#settleBegun = (error) => (error === null ? resolve() : reject(error));
    });
    this.#finished = new Promise((resolve) => {
      this.#settleFinished = resolve;
    });
    // Without a listener yet, the failure to begin is no unhandled rejection.
    this.#begun.catch(() => undefined);
    const worker = new Worker(WORKER_FILE, { resourceLimits: { maxYoungGenerationSizeMb: 6 } });
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#die(error));
    this.#exited = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#die(new Error(`its thread ended with code ${code}`));
        resolve();
      });
    });
  }

  /** Why the thread is over; null while it is not. */
  get over(): string | null {
    return this.#over;
  }

  /** The number of the last entry that the thread is known to have made. */
  get lastEntry(): number {
    return this.#lastEntry;
  }

  /** True while the thread has something to do. */
  get isBusy(): boolean {
    return this.#underWay.length > 0;
  }

  /** Bytes of batches under way. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** What went down with the thread: batches that it never said it had taken in. */
  get lost(): { readonly entries: number; readonly bytes: number } {
    const entries = this.#underWay.reduce((sum, { entryCount }) => sum + entryCount, 0);
    return { entries, bytes: this.#queuedBytes };
  }

  /**
   * Creates the recording.
   * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
   */
  async begin(begin: Begin): Promise<void> {
    this.#post({ type: "begin", ...begin });
    await this.#begun;
  }

  /** Sends a batch; its buffers are gone afterwards. */
  send(batch: Batch): void {
    const { sizeBytes, entryCount } = batch;
    this.#underWay.push({ sizeBytes, entryCount });
    this.#queuedBytes += sizeBytes;
    this.#post({ type: "batch", batch }, [batch.numbers.buffer, batch.bytes.buffer]);
  }

  /** Resolves as soon as the recording is closed, though spans may still be under way, or cannot be any more. */
  get untilClosed(): Promise<unknown> {
    return this.#finished;
  }

  /** Asks for the recording to be closed, and waits for the thread's end; null when it died. Never rejects. */
  async finish(): Promise<ClosedRecording | null> {
    this.#post({ type: "finish" });
    await this.#exited;
    return this.#finished;
  }

  /** Ends the thread without a recording. */
  async abandon(): Promise<void> {
    this.#over ??= "the recording was given up";
    await this.#worker.terminate();
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "begun":
        return this.#settleBegun(null);
      case "failed":
        this.#over = message.error.message;
        return this.#settleBegun(toError(message.error));
      case "taken":
        this.#lastEntry = message.lastEntry;
        this.#queuedBytes -= this.#underWay.shift()?.sizeBytes ?? 0;
        return this.#events.onRoom(message.memory);
      case "notice":
        return this.#events.onNotice(message.notice);
      case "finding":
        return this.#events.onFinding(message.finding);
      case "status":
        return this.#events.onStatus(message.status);
      case "saved":
        return this.#events.onSaved(message.path);
      case "otlp":
        return this.#events.onOtlp(message.news);
      case "blind":
        return this.#events.onBlind(toError(message.error));
      case "finished":
        this.#over = "the recording is closed";
        return this.#settleFinished(message.recording);
    }
  }

  #die(cause: Error): void {
    if (this.#over !== null) return;
    const hint = "Traffic flows on; please report this bug in gw-trace.";
    const message = `the recorder failed: ${cause.message}`;
    this.#over = message;
    const error = new GwTraceError("WRITE_FAILED", message, hint, { cause });
    this.#settleBegun(error);
    this.#settleFinished(null);
    this.#events.onDeath(error);
    this.#events.onRoom(null);
  }
}

function toError({ code, message, hint }: PlainError): GwTraceError {
  return new GwTraceError(code, message, hint);
}
