import { GwTraceError } from "../errors.ts";
import { encodeBlock } from "../recording/block.ts";
import type { Effort, NewBlock } from "../recording/block.ts";
import type { BlockFile } from "./block-file.ts";

/** Blocks deflated at the same time and written together. */
const BLOCKS_AT_ONCE = 4;

/** With more than this before the disk, better fast than small. */
const HURRY_BYTES = 256 * 1024;
/** With more than this, deflating does not keep up, and traffic had to wait for it, or was missed. */
const FLOOD_BYTES = 512 * 1024;

/** See `WriterOptions`. */
interface QueueOptions {
  readonly retryAfterMs?: number;
  readonly hasToHurry?: boolean;
}

/** What the queue tells its owner. */
export interface QueueEvents {
  /** The disk failed; what is queued is kept, and tried again. */
  readonly onTrouble: (error: GwTraceError) => void;
  /** Blocks were written. */
  readonly onWritten: () => void;
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
  readonly #hasToHurry: boolean;
  readonly #events: QueueEvents;
  #blocks: NewBlock[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(
    path: string,
    file: BlockFile,
    { retryAfterMs = 1000, hasToHurry = false }: QueueOptions,
    events: QueueEvents,
  ) {
    this.#path = path;
    this.#file = file;
    this.#retryAfterMs = retryAfterMs;
    this.#hasToHurry = hasToHurry;
    this.#events = events;
  }

  /** Bytes of blocks that are not on the disk yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** True while others wait, and much is before the disk: what takes their time can be left out. */
  get isHurried(): boolean {
    return this.#hasToHurry && this.#pendingBytes > HURRY_BYTES;
  }

  /** True when everything is on the disk. */
  get isEmpty(): boolean {
    return this.#blocks.length === 0;
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

  /** Gives up what is not on the disk, and says what it was. */
  giveUp(): readonly NewBlock[] {
    this.stopRetrying();
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#pendingBytes = 0;
    return blocks;
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
        const effort = this.#effort();
        const stored = batch.map((block) => encodeBlock(block, effort));
        await this.#file.appendEntries(await Promise.all(stored));
        this.#blocks.splice(0, batch.length);
        for (const block of batch) this.#pendingBytes -= block.payload.length;
        this.#events.onWritten();
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

  #effort(): Effort {
    if (this.#hasToHurry && this.#pendingBytes > FLOOD_BYTES) return "none";
    return this.#pendingBytes > HURRY_BYTES ? "fast" : "small";
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
