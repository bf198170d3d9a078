import { GwTraceError } from "../errors.ts";
import { partPath } from "../recorder/flight-plan.ts";
import { openRecording } from "../recording/reader.ts";
import { WorkerLink } from "./worker-link.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Moment } from "../wire/event.ts";
import type { Batch } from "./batch.ts";
import type { Begin, LinkEvents } from "./worker-link.ts";
import type { RecordStatus } from "./worker-message.ts";

/** After so many failures no further thread is started: then it is what is recorded that makes it fail. */
const MAX_RESTARTS = 3;

const NOTHING: RecordStatus = { frames: 0, findings: 0, sizeBytes: 0, missedEntries: 0 };

/** What was collected for a thread that failed, and when that was noticed. */
export interface BrokenOff {
  readonly at: Moment;
  readonly entries: number;
  readonly bytes: number;
}

/** What is heard from the recording threads. */
export interface ThreadEvents extends Omit<LinkEvents, "onDeath"> {
  /**
   * The thread failed and another begins a recording of its own. Of connections that are open the beginning will not be in it, so
   * nothing of them is to be sent any more; what was collected is to be given up.
   */
  readonly onBrokenOff: (reason: string) => BrokenOff;
  /** Another thread failed, or there will be none any more. */
  readonly onFailure: (error: GwTraceError) => void;
  /** The recording that goes on is there, or could not be made. */
  readonly onResumed: () => void;
}

/** The recording thread, and those that come after it when it fails. */
export class RecordingThreads {
  readonly #events: ThreadEvents;
  readonly #brokenOff: string[] = [];
  readonly #missed = { entries: 0, bytes: 0 };
  /** How far the recordings that broke off had come, and how far the one that is written has. */
  #before = NOTHING;
  #status = NOTHING;
  #link: WorkerLink;
  #first: Begin | null = null;
  #path = "";
  #hasBegun = false;
  #isFinishing = false;
  #resuming: Promise<void> | null = null;

  constructor(events: ThreadEvents) {
    this.#events = events;
    this.#link = this.#createLink();
  }

  /** Why there is no thread any more; null while there is one. */
  get over(): string | null {
    return this.#link.over;
  }

  /** True when batches may be sent. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** True while the thread has something to do. */
  get isBusy(): boolean {
    return this.#link.isBusy;
  }

  /** Bytes of batches under way. */
  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  /**
   * Creates the recording.
   * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
   */
  async begin(begin: Begin): Promise<void> {
    this.#first = begin;
    this.#path = begin.path;
    await this.#link.begin(begin);
    this.#hasBegun = true;
  }

  /** Sends a batch; its buffers are gone afterwards. Without a thread it is counted as missed. */
  send(batch: Batch): void {
    if (this.over === null) this.#link.send(batch);
    else this.#miss(countLost(batch));
  }

  /** Resolves as soon as the recording that is written now is closed, though spans may still be under way. */
  get untilClosed(): Promise<unknown> {
    return this.#link.untilClosed;
  }

  /** Asks for the recording to be closed; when the thread failed, says what is there. Never rejects. */
  async finish(): Promise<ClosedRecording> {
    await this.#resuming;
    this.#isFinishing = true;
    const recording = this.over === null ? await this.#link.finish() : null;
    const closed = recording ?? (await this.#salvage());
    if (this.#brokenOff.length === 0) return closed;
    const missedEntries = closed.missedEntries + this.#before.missedEntries;
    return { ...closed, missedEntries, complete: false, brokenOff: [...this.#brokenOff] };
  }

  /** Ends the thread without a recording. */
  async abandon(): Promise<void> {
    await this.#link.abandon();
  }

  #createLink(): WorkerLink {
    const link = new WorkerLink({
      ...this.#events,
      onStatus: (status) => {
        // What a thread said last may be heard after its death, and is counted in what came before.
        if (this.#link !== link) return;
        this.#status = status;
        this.#events.onStatus(sumOf(this.#before, status));
      },
      onDeath: (error) => this.#died(error),
    });
    return link;
  }

  #died(error: GwTraceError): void {
    if (this.#first === null || !this.#hasBegun) return;
    if (this.#isFinishing || this.#brokenOff.length >= MAX_RESTARTS)
      return this.#events.onFailure(error);
    this.#resuming = this.#resume(this.#first, error);
  }

  async #resume(first: Begin, error: GwTraceError): Promise<void> {
    const broken = this.#link;
    const path = this.#path;
    const { at, entries, bytes } = this.#events.onBrokenOff(error.message);
    const gap = {
      reason: error.message,
      missingEntries: broken.lost.entries + entries,
      missingBytes: broken.lost.bytes + bytes,
      untilMs: at.atMs,
    };
    this.#before = sumOf(this.#before, this.#status);
    this.#status = NOTHING;
    this.#hasBegun = false;
    this.#link = this.#createLink();
    try {
      this.#brokenOff.push(path);
      this.#path = partPath(first.path, `after-failure-${this.#brokenOff.length}`);
      this.#events.onFailure(goesOn(error, this.#path));
      const resumption = { path, lastEntry: broken.lastEntry, gap, at };
      await this.#link.begin({ ...first, path: this.#path, resumption });
    } catch (failure) {
      // What there is, is what there was before.
      this.#path = this.#brokenOff.pop() ?? path;
      this.#miss({ entries: gap.missingEntries, bytes: gap.missingBytes });
      if (failure instanceof GwTraceError) this.#events.onFailure(failure);
    }
    this.#hasBegun = true;
    this.#events.onResumed();
  }

  #miss({ entries, bytes }: { readonly entries: number; readonly bytes: number }): void {
    this.#missed.entries += entries;
    this.#missed.bytes += bytes;
  }

  /** What a dead thread left behind. */
  async #salvage(): Promise<ClosedRecording> {
    const { entries: lostEntries, bytes: lostBytes } = this.#link.lost;
    const left = await openRecording(this.#path).then(
      async (reader) => {
        await using open = reader;
        return { entries: open.entryCount, sizeBytes: open.sizeBytes };
      },
      () => ({ entries: 0, sizeBytes: 0 }),
    );
    return {
      path: this.#path,
      ...left,
      missedEntries: lostEntries + this.#missed.entries,
      missedBytes: lostBytes + this.#missed.bytes,
      complete: false,
    };
  }
}

function sumOf(one: RecordStatus, other: RecordStatus): RecordStatus {
  return {
    frames: one.frames + other.frames,
    findings: one.findings + other.findings,
    sizeBytes: one.sizeBytes + other.sizeBytes,
    missedEntries: one.missedEntries + other.missedEntries,
  };
}

/** How much a batch stands for that is not going to be recorded. */
export function countLost(batch: Batch): { readonly entries: number; readonly bytes: number } {
  let [entries, bytes] = [batch.entryCount, batch.bytes.length];
  for (const fact of batch.facts) {
    if (fact.kind !== "skipped") continue;
    entries += fact.skipped.missingEntries;
    bytes += fact.skipped.missingBytes;
  }
  return { entries, bytes };
}

function goesOn(error: GwTraceError, path: string): GwTraceError {
  return new GwTraceError(
    error.code,
    `${error.message}; connections that open from now on are recorded in ${path}`,
    error.hint,
    { cause: error },
  );
}
