import { GwTraceError } from "../errors.ts";
import { encodeBlock } from "../recording/block.ts";
import type { NewBlock } from "../recording/block.ts";
import type { BlockFile } from "../recording/block-file.ts";
import type { EffortPlan } from "./effort-plan.ts";

/** Blocks deflated at the same time and written together. */
const BLOCKS_AT_ONCE = 4;

/** What the queue tells its owner. */
export interface QueueEvents {
  /** The disk failed; what is queued is kept, and tried again. */
  readonly onTrouble: (error: GwTraceError) => void;
  /** These blocks were written; nobody needs them any more. */
  readonly onWritten: (blocks: readonly NewBlock[]) => void;
  /** Everything was written that can be; there is room. */
  readonly onDrained: () => void;
  /** These blocks, and all that was written before, went with a deleted file. */
  readonly onDeleted: (blocks: readonly NewBlock[]) => void;
}

/**
 * Blocks on their way to the disk, in order. Never throws at the one who pushes: when writing fails, the blocks wait and are
 * tried again every `retryAfterMs`; when the file was deleted, a new one is begun.
 */
export class BlockQueue {
  readonly #path: string;
  readonly #file: BlockFile;
  readonly #retryAfterMs: number;
  readonly #effort: EffortPlan;
  readonly #events: QueueEvents;
  #blocks: NewBlock[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(
    path: string,
    file: BlockFile,
    effort: EffortPlan,
    retryAfterMs: number,
    events: QueueEvents,
  ) {
    this.#path = path;
    this.#file = file;
    this.#effort = effort;
    this.#retryAfterMs = retryAfterMs;
    this.#events = events;
  }

  /** Bytes of blocks that are not on the disk yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** How many entries are not on the disk yet. */
  get pendingEntries(): number {
    return this.#blocks.reduce((sum, block) => sum + block.facts.entryCount, 0);
  }

  /** Queues a block; it is written soon. */
  push(block: NewBlock): void {
    this.#blocks.push(block);
    this.#pendingBytes += block.payload.length;
    if (this.#retry === null) void this.#start();
  }

  /** Tries to write everything now; resolves when that is done or has failed. */
  async settle(): Promise<void> {
    while (this.#running !== null) await this.#running;
    this.stopRetrying();
    await this.#start();
  }

  /** No attempt is made any more, but by `push` and `settle`. */
  stopRetrying(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  async #start(): Promise<void> {
    if (this.#running === null && this.#blocks.length > 0) this.#running = this.#run();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#blocks.length > 0) {
        if (await this.#file.isDeleted()) await this.#dropDeleted();
        if (!this.#file.isOpen) await this.#file.create();
        const batch = this.#blocks.slice(0, BLOCKS_AT_ONCE);
        const encoding = this.#effort.next(batch, this.#pendingBytes);
        const stored = batch.map((block) => encodeBlock(block, encoding));
        await this.#file.appendEntries(await Promise.all(stored));
        this.#blocks.splice(0, batch.length);
        for (const block of batch) this.#pendingBytes -= block.payload.length;
        this.#events.onWritten(batch);
        if (this.#blocks.length === 0) this.#events.onDrained();
      }
    } catch (error) {
      this.#retry = setTimeout(() => {
        this.#retry = null;
        void this.#start();
      }, this.#retryAfterMs).unref();
      this.#events.onTrouble(writeFailed(this.#path, error));
    } finally {
      // In the same step as the last look at the queue, or a block pushed in between would wait for ever.
      this.#running = null;
    }
  }

  async #dropDeleted(): Promise<void> {
    const lost = this.#blocks;
    this.#blocks = [];
    this.#pendingBytes = 0;
    await this.#file.release();
    this.#events.onDeleted(lost);
  }
}

/** What is said when the disk does not take what is written. */
export function writeFailed(path: string, cause: unknown): GwTraceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GwTraceError(
    "WRITE_FAILED",
    `cannot write the recording ${path}: ${reason}`,
    "Make room on that disk, or record to another folder with GW_TRACE_DIR.",
    { cause },
  );
}
