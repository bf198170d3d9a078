import { Worker } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { openRecording } from "../recording/reader.ts";
import type { Finding } from "../findings/finding.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Batch } from "./batch.ts";
import type { Notice } from "./notices.ts";
import type { FromWorker, PlainError, RecordStatus, ToWorker } from "./worker-message.ts";

// Both src/tap/ and dist/tap/ are two folders down, and Node can only run what is in dist/.
const WORKER_FILE = new URL("../../dist/tap/recorder-worker.js", import.meta.url);

/** Where and how the thread is to record. */
export type Begin = Omit<Extract<ToWorker, { type: "begin" }>, "type">;

/** What is heard from the recording thread. */
export interface ThreadEvents {
  readonly onNotice: (notice: Notice) => void;
  readonly onFinding: (finding: Finding) => void;
  readonly onStatus: (status: RecordStatus) => void;
  readonly onSaved: (path: string) => void;
  readonly onBlind: (error: GwTraceError) => void;
  /** The thread died of this: from now on nothing is recorded. */
  readonly onDeath: (error: GwTraceError) => void;
  /** A batch was taken in, so there is more room and its memory is free; or the thread died, and there will never be. */
  readonly onRoom: (memory: ArrayBuffer | null) => void;
}

/** The recording thread as seen from the splicing thread: what is under way to it, and whether it lives. */
export class RecordingThread {
  /** Resolves when the recording is closed, or cannot be any more. */
  readonly #untilClosed: Promise<ClosedRecording | null>;
  readonly #events: ThreadEvents;
  readonly #worker: Worker;
  readonly #underWay: { readonly sizeBytes: number; readonly entryCount: number }[] = [];
  readonly #begun: Promise<void>;
  #settleBegun: (error: GwTraceError | null) => void = () => undefined;
  #settleClosed: (recording: ClosedRecording | null) => void = () => undefined;
  readonly #exited: Promise<void>;
  readonly #missed = { entries: 0, bytes: 0 };
  #path = "";
  #hasBegun = false;
  #queuedBytes = 0;
  #over: string | null = null;

  constructor(events: ThreadEvents) {
    this.#events = events;
    this.#begun = new Promise((resolve, reject) => {
      this.#settleBegun = (error) => (error === null ? resolve() : reject(error));
    });
    this.#untilClosed = new Promise((resolve) => {
      this.#settleClosed = resolve;
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

  /** True when batches may be sent. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** True while the thread has something to do. */
  get isBusy(): boolean {
    return this.#underWay.length > 0;
  }

  /** Bytes of batches under way. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Creates the recording.
   * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
   */
  async begin(begin: Begin): Promise<void> {
    this.#path = begin.path;
    this.#post({ type: "begin", ...begin });
    await this.#begun;
    this.#hasBegun = true;
  }

  /** Sends a batch; its buffers are gone afterwards. When the thread is over it is counted as missed. */
  send(batch: Batch): void {
    const { sizeBytes, entryCount } = batch;
    if (this.#over !== null) return this.#miss(batch);
    this.#underWay.push({ sizeBytes, entryCount });
    this.#queuedBytes += sizeBytes;
    this.#post({ type: "batch", batch }, [batch.numbers.buffer, batch.bytes.buffer]);
  }

  /** Asks for the recording to be closed, and waits for the thread's end; when it died, says what is there. Never rejects. */
  async finish(): Promise<ClosedRecording> {
    this.#post({ type: "finish" });
    await this.#exited;
    return (await this.#untilClosed) ?? this.#salvage();
  }

  /** Ends the thread without a recording. */
  async abandon(): Promise<void> {
    this.#over ??= "the recording was given up";
    this.#settleClosed(null);
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
      case "blind":
        return this.#events.onBlind(toError(message.error));
      case "finished":
        this.#over = "the recording is closed";
        return this.#settleClosed(message.recording);
    }
  }

  #die(cause: Error): void {
    if (this.#over !== null) return;
    const hint = "Traffic flows on, unrecorded; please report this bug in gw-trace.";
    const message = `the recorder failed: ${cause.message}`;
    this.#over = message;
    for (const { sizeBytes, entryCount } of this.#underWay) {
      this.#missed.entries += entryCount;
      this.#missed.bytes += sizeBytes;
    }
    const error = new GwTraceError("WRITE_FAILED", message, hint, { cause });
    this.#settleBegun(error);
    this.#settleClosed(null);
    this.#events.onDeath(error);
    this.#events.onRoom(null);
  }

  /** Counts what a batch stands for that is not going to be recorded. */
  #miss({ entryCount, bytes, facts }: Batch): void {
    this.#missed.entries += entryCount;
    this.#missed.bytes += bytes.length;
    for (const fact of facts) {
      if (fact.kind !== "skipped") continue;
      this.#missed.entries += fact.skipped.missingEntries;
      this.#missed.bytes += fact.skipped.missingBytes;
    }
  }

  /** What a dead thread left behind. */
  async #salvage(): Promise<ClosedRecording> {
    const left = await openRecording(this.#path).then(
      async (reader) => {
        await using open = reader;
        return { entries: open.entryCount, sizeBytes: open.sizeBytes };
      },
      () => ({ entries: 0, sizeBytes: 0 }),
    );
    const { entries: missedEntries, bytes: missedBytes } = this.#missed;
    return { path: this.#path, ...left, missedEntries, missedBytes, complete: false };
  }
}

function toError({ code, message, hint }: PlainError): GwTraceError {
  return new GwTraceError(code, message, hint);
}
