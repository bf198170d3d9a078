import { replayBatch } from "./batch.ts";
import { GarbageWatch } from "./garbage.ts";
import type { Batch } from "./batch.ts";
import type { Recorder } from "./recorder.ts";

const COLLECT_EVERY_BYTES = 16 * 1024 * 1024;

/** Where batches go. */
export interface BatchSink {
  /** Resolves when little waits for the disk. */
  whenRoom(): Promise<void>;
}

/**
 * Takes in one batch a turn of the event loop, so that what was written before can be finished, and none while much waits for the
 * disk: the splicing thread, which sees its queue grow, decides what to do then.
 */
export class BatchWork {
  readonly #sink: BatchSink;
  readonly #recorder: Recorder;
  readonly #onTaken: (batch: Batch) => void;
  readonly #batches: Batch[] = [];
  readonly #garbage = new GarbageWatch(COLLECT_EVERY_BYTES);
  #working: Promise<void> | null = null;

  constructor(sink: BatchSink, recorder: Recorder, onTaken: (batch: Batch) => void) {
    this.#sink = sink;
    this.#recorder = recorder;
    this.#onTaken = onTaken;
  }

  /** Takes in a batch when its turn comes. */
  add(batch: Batch): void {
    this.#batches.push(batch);
    this.#working ??= this.#work();
  }

  /** Resolves when there is no batch left. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch === undefined) break;
      await this.#sink.whenRoom();
      replayBatch(batch, this.#recorder);
      this.#garbage.add(batch.sizeBytes);
      // Only what is decoded is taken in: what waits for inflating still fills the queue.
      await new Promise<void>((resolve) => this.#recorder.afterwards(resolve));
      this.#onTaken(batch);
      await new Promise(setImmediate);
    }
    this.#working = null;
  }
}
