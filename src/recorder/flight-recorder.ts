import { rm } from "node:fs/promises";
import { CarriedEntries } from "./carried-entries.ts";
import type { Entry, NewEntry, NewRecordingHeader } from "../recording/entry.ts";
import { partBytes, partMs, partPath } from "./flight-plan.ts";
import type { FlightPlan } from "./flight-plan.ts";
import { readingOf, type FrameReading } from "../recording/frame-reading.ts";
import { createRedactor } from "../redaction/redaction.ts";
import type { Redactor } from "../redaction/redaction.ts";
import { saveStretch } from "./save-stretch.ts";
import type { Stretch } from "./save-stretch.ts";
import { createRecording } from "./writer.ts";
import type { ClosedRecording, RecordingWriter, WriterOptions } from "./writer.ts";

interface Part {
  readonly path: string;
  readonly number: number;
  startedMs: number;
  carriedEntries: number;
  /** When its last entry happened. */
  untilMs: number;
  /** True while all its entries are carried from the file before. */
  isFresh: boolean;
  sizeBytes: number;
}

/** The longest time that one timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long to wait before another try when no new file could be begun. */
const RETRY_MS = 1000;

/**
 * Creates a flight recorder and its first file.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function createFlightRecorder(
  path: string,
  header: NewRecordingHeader,
  plan: FlightPlan,
  options: WriterOptions = {},
): Promise<FlightRecorder> {
  // One for all files: a later file must not show a credential that an earlier one was taught.
  const redactor = options.redactor ?? createRedactor(header.redaction);
  const passed = {
    ...options,
    redactor: { redact: <T>(entry: T): T => entry },
    maxBlockBytes: partBytes(plan) / 8,
  };
  const first = await createRecording(partPath(path, 1), { ...header, part: 1 }, passed);
  return new FlightRecorder({ path, header, plan, options: passed, redactor }, first);
}

interface Making {
  readonly path: string;
  readonly header: NewRecordingHeader;
  readonly plan: FlightPlan;
  readonly options: WriterOptions;
  readonly redactor: Redactor;
}

/**
 * Holds the newest traffic only, in numbered files that each stand alone: every one begins with the handshakes of the connections
 * that were open. Like a writer it never waits and never fails when something is appended.
 */
export class FlightRecorder {
  readonly #making: Making;
  readonly #carried: CarriedEntries;
  #writer: RecordingWriter;
  #part: Part;
  /** Files that are closed and still there, oldest first. */
  #old: Part[] = [];
  readonly #saved: string[] = [];
  #savedBytes = 0;
  #missedBefore = { entries: 0, bytes: 0 };
  #isWhole = true;
  #turning: Promise<void> | null = null;
  #mayWait = true;
  #notBefore = 0;
  #saving: { readonly fromMs: number; readonly finish: () => Promise<void> } | null = null;
  #closed: Promise<ClosedRecording> | null = null;
  #nowMs = 0;
  /** True when nothing came since the last tick. */
  #isIdle = true;
  readonly #ticker: NodeJS.Timeout | null;

  constructor(making: Making, first: RecordingWriter) {
    this.#making = making;
    this.#writer = first;
    this.#part = newPart(first.path, 1, 0);
    // What a new file begins with must leave room in it for what is new.
    this.#carried = new CarriedEntries(partBytes(making.plan) / 2);
    const { maxAgeMs } = making.plan;
    this.#ticker = maxAgeMs === null ? null : this.#startTicking(partMs(making.plan));
  }

  /** Bytes in the files that are there. */
  get sizeBytes(): number {
    return this.#old.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.#writer.sizeBytes);
  }

  /** Entries that happened but are in no file, those that were deleted for their age aside. */
  get missedEntries(): number {
    return this.#missedBefore.entries + this.#writer.missedEntries;
  }

  /** Redacts and numbers an entry and sees it to the disk, in the newest file. `reading` is of its text, where there is one already. */
  append(entry: NewEntry, reading: FrameReading | null = null): Entry {
    const stored = this.#writer.append(this.#making.redactor.redact(entry));
    this.#nowMs = Math.max(this.#nowMs, stored.atMs);
    this.#isIdle = false;
    if (this.#part.isFresh) this.#part.startedMs = this.#nowMs;
    this.#part.isFresh = false;
    this.#part.untilMs = this.#nowMs;
    this.#carried.add(stored, readingOf(stored, reading));
    if (this.#closed === null) this.#turnIfDue();
    return stored;
  }

  /** Resolves when what waits for the disk is little. */
  async whenRoom(): Promise<void> {
    await this.#writer.whenRoom();
  }

  /** From now on `whenRoom` resolves at once: what there is no room for is missed. */
  stopWaiting(): void {
    this.#mayWait = false;
    this.#writer.stopWaiting();
  }

  /** Sees everything appended so far to the disk; resolves when it is there, or writing it has failed. */
  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  /**
   * Keeps the stretch around this moment in a file of its own, named after what happened, and goes on. Null when that moment is
   * being saved already, or when saved stretches take all the room they may. Never rejects.
   */
  save(label: string): Promise<string | null> | null {
    const { plan } = this.#making;
    if (this.#saving !== null || this.#closed !== null) return null;
    if (this.#savedBytes >= plan.maxBytes) return null;
    const stretch = { fromMs: this.#nowMs - plan.aroundMs, untilMs: this.#nowMs + plan.aroundMs };
    return new Promise<string | null>((resolve) => {
      let finished: Promise<void> | null = null;
      const timer = setTimeout(() => void finish(), plan.aroundMs);
      const finish = (): Promise<void> => {
        clearTimeout(timer);
        finished ??= this.#saveStretch(label, stretch)
          .catch(() => null)
          .then((path) => {
            this.#saving = null;
            resolve(path);
            return this.#deleteOld();
          });
        return finished;
      };
      this.#saving = { fromMs: stretch.fromMs, finish };
    });
  }

  /** Saves what is to be saved and closes the newest file whole. A second call gives the same answer. Never rejects. */
  close(): Promise<ClosedRecording> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<ClosedRecording> {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    await this.#turning;
    await this.#saving?.finish();
    const last = await this.#writer.close();
    this.#part.sizeBytes = last.sizeBytes;
    await this.#deleteOld();
    return {
      ...last,
      sizeBytes: this.sizeBytes,
      missedEntries: this.#missedBefore.entries + last.missedEntries,
      missedBytes: this.#missedBefore.bytes + last.missedBytes,
      complete: this.#isWhole && last.complete,
      parts: [...this.#old, this.#part].map(({ path }) => path),
      saved: this.#saved,
    };
  }

  /** Traffic tells the time by its entries; where there is none, old files grow too old all the same. */
  #startTicking(everyMs: number): NodeJS.Timeout {
    const tick = (): void => {
      if (this.#isIdle) this.#nowMs += everyMs;
      this.#isIdle = true;
      this.#turnIfDue();
      // A rotation deletes by itself, and must not be disturbed.
      if (this.#turning === null && this.#closed === null) void this.#deleteOld();
    };
    return setInterval(tick, Math.min(everyMs, MAX_TIMER_MS)).unref();
  }

  #turnIfDue(): void {
    if (this.#turning !== null || this.#nowMs < this.#notBefore || this.#part.isFresh) return;
    const { plan } = this.#making;
    const isFull = this.#writer.sizeBytes >= partBytes(plan);
    if (!isFull && this.#nowMs - this.#part.startedMs < partMs(plan)) return;
    this.#turning = this.#turn().finally(() => {
      this.#turning = null;
    });
  }

  /** Begins the next file; until it is there, the one before is written on. */
  async #turn(): Promise<void> {
    const { path, header, options } = this.#making;
    const number = this.#part.number + 1;
    let next: RecordingWriter;
    try {
      next = await createRecording(partPath(path, number), { ...header, part: number }, options);
    } catch {
      // The file that is open says what it misses, should it be the disk.
      this.#notBefore = this.#nowMs + RETRY_MS;
      return;
    }
    if (!this.#mayWait) next.stopWaiting();
    const [before, beforePart] = [this.#writer, this.#part];
    this.#writer = next;
    this.#part = newPart(next.path, number, this.#nowMs);
    for (const entry of this.#carried.entries(this.#nowMs)) {
      next.append(entry);
      this.#part.carriedEntries += 1;
    }
    const { sizeBytes, missedEntries, missedBytes, complete } = await before.close();
    beforePart.sizeBytes = sizeBytes;
    this.#old.push(beforePart);
    this.#missedBefore.entries += missedEntries;
    this.#missedBefore.bytes += missedBytes;
    this.#isWhole &&= complete;
    await this.#deleteOld();
  }

  /** Deletes what is too much or too old. From what is about to be saved nothing is deleted: rather it is saved early. */
  async #deleteOld(): Promise<void> {
    const { plan } = this.#making;
    // The newest file may grow to its full size before this is looked at again.
    const roomBytes = plan.maxBytes - partBytes(plan);
    for (;;) {
      const [oldest] = this.#old;
      if (oldest === undefined) return;
      const oldBytes = this.#old.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const isTooOld = plan.maxAgeMs !== null && oldest.untilMs < this.#nowMs - plan.maxAgeMs;
      if (!isTooOld && oldBytes <= roomBytes) return;
      if (this.#saving !== null && oldest.untilMs >= this.#saving.fromMs) {
        if (oldBytes > roomBytes) void this.#saving.finish();
        return;
      }
      this.#old.shift();
      // What cannot be deleted stays; there is nothing that a recorder could do about it.
      await rm(oldest.path, { force: true }).catch(() => undefined);
    }
  }

  async #saveStretch(label: string, stretch: Stretch): Promise<string> {
    await this.#turning;
    await this.#writer.flush();
    const { path, header } = this.#making;
    const parts = [...this.#old, this.#part].filter(({ untilMs }) => untilMs >= stretch.fromMs);
    const target = partPath(path, `${label}-${this.#saved.length + 1}`);
    const saved = await saveStretch(target, header, parts, stretch);
    this.#saved.push(saved.path);
    this.#savedBytes += saved.sizeBytes;
    return saved.path;
  }
}

function newPart(path: string, number: number, startedMs: number): Part {
  const isFresh = true;
  return { path, number, startedMs, carriedEntries: 0, untilMs: startedMs, isFresh, sizeBytes: 0 };
}
