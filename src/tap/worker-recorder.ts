import { GwTraceError } from "../errors.ts";
import { BatchBuilder } from "./batch.ts";
import { GarbageWatch } from "./garbage.ts";
import { ConnectionIntake } from "./intake.ts";
import { RecordingThread } from "./recording-thread.ts";
import type { Finding } from "../findings/finding.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { Held, Refusal } from "./intake.ts";
import type { Notice } from "./notices.ts";
import type { Addresses, Skipped, SpliceEnd, SpliceObserver } from "./observer.ts";
import type { RecordStatus, RecorderPlan } from "./worker-message.ts";

/** Observations go to the other thread when they are this old, or this large. */
const BATCH_AGE_MS = 20;
const BATCH_BYTES = 128 * 1024;
/** While the other thread has enough to do, larger ones cost less. */
const BUSY_BATCH_BYTES = 448 * 1024;

const MEBIBYTE = 1024 * 1024;

/*
 * What is kept in memory is bounded by these three together with the writer's own limit, whatever comes, and however slow the disk
 * is. Where larger messages are wanted, the other two grow with them: a message that has begun must find room.
 */
const DEFAULT_MAX_QUEUED_BYTES: number = 6 * MEBIBYTE;
const DEFAULT_MAX_MESSAGE_BYTES: number = 8 * MEBIBYTE;
const MAX_HELD_BYTES: number = 16 * MEBIBYTE;

/** How a recording is made on another thread. */
export interface WorkerRecorderOptions {
  /** Bytes under way to the other thread beyond this are not recorded, but counted. Default 6 MiB, or one message where that is larger. */
  readonly maxQueuedBytes?: number;
  /** A larger message is not recorded, but counted. Default 8 MiB. */
  readonly maxMessageBytes?: number;
  /** Rather let traffic wait than not record it. */
  readonly mustRecord?: boolean;
  readonly plan?: RecorderPlan;
  readonly onNotice: (notice: Notice) => void;
  /** Hears of each finding on a connection, soon after what led to it. */
  readonly onFinding?: (finding: Finding) => void;
  /** Hears a few times a second how far the recording is. */
  readonly onStatus?: (status: RecordStatus) => void;
  /** Hears of each stretch that a flight recorder saved. */
  readonly onSaved?: (path: string) => void;
  /** Called when for the first time something cannot be recorded, and when the recorder fails. */
  readonly onBlind: (error: GwTraceError) => void;
}

const DEFAULT_PLAN: RecorderPlan = { flight: null, httpBodies: false };

type Loss = { -readonly [Key in keyof Skipped]: Skipped[Key] } & { readonly since: Moment };

/**
 * Hands what it observes, in batches, to a thread that decodes and writes it. It observes from the start, but nothing is written
 * before `begin`. Observing never waits (unless it must record) and never throws; what cannot be recorded is counted, message by
 * message, and recording goes on with the next message for which there is room.
 */
export class WorkerRecorder implements SpliceObserver {
  readonly #options: WorkerRecorderOptions;
  readonly #thread: RecordingThread;
  readonly #builder = new BatchBuilder();
  readonly #garbage = new GarbageWatch(4 * MEBIBYTE);
  readonly #intakes = new Map<number, ConnectionIntake>();
  readonly #held: Held = { sizeBytes: 0 };
  #timer: NodeJS.Timeout | null = null;
  #isFull = false;
  #isBlindTold = false;
  #waiting: (() => void)[] = [];
  /** Connections that came when there was no room for anything. */
  #strangers: Loss | null = null;

  constructor(options: WorkerRecorderOptions) {
    this.#options = options;
    this.#thread = new RecordingThread({
      onNotice: options.onNotice,
      onFinding: (finding) => options.onFinding?.(finding),
      onStatus: (status) => options.onStatus?.(status),
      onSaved: (path) => options.onSaved?.(path),
      onBlind: (error) => this.#tellBlind(error),
      onRoom: (memory) => {
        if (memory !== null) this.#builder.recycle(memory);
        this.#refusal(0);
      },
      onDeath: (error) => {
        this.#isBlindTold = true;
        options.onBlind(error);
      },
    });
  }

  /**
   * Creates the recording.
   * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
   */
  async begin(path: string, header: NewRecordingHeader): Promise<void> {
    const { plan = DEFAULT_PLAN } = this.#options;
    await this.#thread.begin({ path, header, plan, maxMessageBytes: this.#maxMessageBytes });
    this.#send();
  }

  opened(connection: number, addresses: Addresses, at: Moment): void {
    // What says that a connection opened is small, but a flood of connections is not.
    if (this.#isFull && this.#queuedBytes > 2 * this.#maxQueuedBytes) return this.#refuse(at);
    const max = this.#maxMessageBytes;
    const intake = new ConnectionIntake(connection, max, this.#builder, this.#held);
    this.#intakes.set(connection, intake);
    this.#builder.opened(connection, addresses, at);
    this.#schedule();
  }

  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): Promise<void> | void {
    this.#garbage.add(bytes.length);
    const intake = this.#intakes.get(connection);
    if (intake === undefined) {
      if (this.#strangers !== null) this.#strangers.missingBytes += bytes.length;
      return;
    }
    const refusal = this.#refusal(bytes.length);
    if (this.#options.mustRecord === true) {
      this.#take(intake, from, bytes, at, null);
      // Waiting for a thread that is no more would stall the Gateway for ever.
      return refusal === null || this.#thread.over !== null ? undefined : this.#whenRoom();
    }
    const isCrowded = this.#held.sizeBytes > this.#maxHeldBytes && intake.holds(from);
    this.#take(intake, from, bytes, at, isCrowded ? "too many large messages at once" : refusal);
  }

  ended(connection: number, from: Side, at: Moment): void {
    if (!this.#intakes.has(connection)) return;
    this.#builder.ended(connection, from, at);
    this.#schedule();
  }

  closed(connection: number, end: SpliceEnd, at: Moment): void {
    this.#intakes.get(connection)?.close(at);
    if (!this.#intakes.delete(connection)) return;
    this.#builder.closed(connection, end, at);
    this.#schedule();
  }

  /** Sees everything observed to the disk and closes the recording; when the thread died, says what is there. Never rejects. */
  async finish(at: Moment): Promise<ClosedRecording> {
    for (const intake of this.#intakes.values()) intake.close(at);
    this.#intakes.clear();
    this.#tellStrangers();
    this.#send();
    return this.#thread.finish();
  }

  /** Ends the thread without a recording. */
  async abandon(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#thread.abandon();
  }

  #take(
    intake: ConnectionIntake,
    from: Side,
    bytes: Uint8Array,
    at: Moment,
    refusal: Refusal,
  ): void {
    if (!intake.take(from, bytes, at, refusal)) this.#tellBlind(missed(refusal));
    this.#schedule();
  }

  /** Why so many more bytes cannot be taken in now. Once full, half the room has to be free: rather one long gap than many short ones. */
  #refusal(sizeBytes: number): Refusal {
    if (this.#thread.over !== null) {
      this.#letGoOn();
      return this.#thread.over;
    }
    const queuedBytes = this.#queuedBytes;
    const max = this.#maxQueuedBytes;
    this.#isFull = this.#isFull ? queuedBytes > max / 2 : queuedBytes + sizeBytes > max;
    if (!this.#isFull) {
      this.#letGoOn();
      this.#tellStrangers();
      return null;
    }
    return "more traffic than could be recorded";
  }

  get #queuedBytes(): number {
    return this.#thread.queuedBytes + this.#builder.sizeBytes;
  }

  get #maxQueuedBytes(): number {
    const { maxQueuedBytes, maxMessageBytes = 0 } = this.#options;
    return maxQueuedBytes ?? Math.max(DEFAULT_MAX_QUEUED_BYTES, maxMessageBytes);
  }

  get #maxMessageBytes(): number {
    return this.#options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
  }

  get #maxHeldBytes(): number {
    return Math.max(MAX_HELD_BYTES, this.#maxMessageBytes * 2);
  }

  #refuse(at: Moment): void {
    const nothing = { missingEntries: 0, missingBytes: 0, untilMs: at.atMs };
    this.#strangers ??= {
      since: at,
      reason: "more connections than could be recorded",
      ...nothing,
    };
    // At least that it opened and that it ended.
    this.#strangers.missingEntries += 2;
    this.#strangers.untilMs = at.atMs;
    this.#tellBlind(missed(this.#strangers.reason));
  }

  #tellStrangers(): void {
    if (this.#strangers === null) return;
    const { since, ...skipped } = this.#strangers;
    this.#strangers = null;
    this.#builder.skipped(0, skipped, since);
  }

  #letGoOn(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  #whenRoom(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #schedule(): void {
    const enough = this.#thread.isBusy ? BUSY_BATCH_BYTES : BATCH_BYTES;
    if (this.#builder.sizeBytes >= enough) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), BATCH_AGE_MS);
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#thread.hasBegun) return;
    const batch = this.#builder.take();
    if (batch !== null) this.#thread.send(batch);
  }

  #tellBlind(error: GwTraceError): void {
    if (this.#isBlindTold) return;
    this.#isBlindTold = true;
    this.#options.onBlind(error);
  }
}

function missed(refusal: Refusal): GwTraceError {
  const reason = refusal ?? "a message was larger than the recorder holds";
  const hint = "Traffic flows on; the recording says what it misses.";
  return new GwTraceError("WRITE_FAILED", `not everything is recorded: ${reason}`, hint);
}
