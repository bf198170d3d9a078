import { ConnectionWalker } from "../wire/connection-walker.ts";
import type { FrameWalker } from "../wire/frame-walker.ts";
import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { BatchBuilder } from "./batch.ts";

/** What one side lost since it was last recorded. */
interface Loss {
  readonly since: Moment;
  readonly reason: string;
  missingEntries: number;
  missingBytes: number;
}

/** Why bytes cannot be taken in now; null when they can. */
export type Refusal = string | null;

/** The bytes of unfinished messages, over all connections, that the recording thread has to keep. */
export interface Held {
  sizeBytes: number;
}

const TOO_LARGE = "a message larger than the recorder holds";

/**
 * Decides which bytes of one connection are recorded: whole messages or nothing. What it leaves out it counts, and it goes on
 * where the next message begins. Where that cannot be known, as in plain HTTP, the rest of that side is lost.
 */
export class ConnectionIntake {
  readonly #connection: number;
  readonly #walker: ConnectionWalker;
  readonly #builder: BatchBuilder;
  readonly #held: Held;
  readonly #losses: Record<Side, Loss | null> = { client: null, gateway: null };
  readonly #heldBytes: Record<Side, number> = { client: 0, gateway: 0 };

  constructor(connection: number, maxMessageBytes: number, builder: BatchBuilder, held: Held) {
    this.#connection = connection;
    this.#walker = new ConnectionWalker(maxMessageBytes);
    this.#builder = builder;
    this.#held = held;
  }

  /** Takes in what it can. True when all of it was. */
  take(from: Side, bytes: Uint8Array, at: Moment, refusal: Refusal): boolean {
    const walker = this.#walker.frames(from);
    if (walker === null) return this.#takeUnwalked(from, bytes, at, refusal);
    const isWhole = this.#takeFrames(walker, from, bytes, 0, at, refusal);
    this.#holds(from, walker);
    return isWhole;
  }

  /** The connection is over: tells what was lost of it. */
  close(at: Moment): void {
    for (const side of ["client", "gateway"] as const) {
      this.#holds(side, null);
      const walker = this.#walker.frames(side);
      const loss = this.#losses[side];
      // A message that was cut short would have been an entry as well.
      if (loss !== null && walker !== null && !walker.isBetween) loss.missingEntries += 1;
      this.#tell(side, at);
    }
  }

  /** True when a message of this side has begun and is being recorded. */
  holds(from: Side): boolean {
    return this.#heldBytes[from] > 0;
  }

  #takeUnwalked(from: Side, bytes: Uint8Array, at: Moment, refusal: Refusal): boolean {
    if (refusal !== null) this.#lose(from, at, refusal);
    const taken = this.#walker.takeHead(from, bytes);
    const loss = this.#losses[from];
    if (loss === null) this.#builder.bytes(this.#connection, from, bytes.subarray(0, taken), at);
    else loss.missingBytes += taken;
    const walker = this.#walker.frames(from);
    if (taken === bytes.length || walker === null) return loss === null;
    return this.#takeFrames(walker, from, bytes, taken, at, refusal);
  }

  #takeFrames(
    walker: FrameWalker,
    from: Side,
    bytes: Uint8Array,
    start: number,
    at: Moment,
    refusal: Refusal,
  ): boolean {
    let isWhole = true;
    let offset = start;
    while (offset < bytes.length) {
      if (refusal !== null) this.#lose(from, at, refusal);
      const loss = this.#losses[from];
      if (loss === null) {
        const end = walker.walk(bytes, offset, "oversized");
        if (end > offset) {
          const part = offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end);
          this.#builder.bytes(this.#connection, from, part, at);
          this.#builder.countMessages(walker.takeEnded());
        }
        offset = end;
        if (walker.isOversized) this.#lose(from, at, TOO_LARGE);
      } else {
        isWhole = false;
        const end = walker.walk(bytes, offset, refusal === null ? "boundary" : "end");
        loss.missingBytes += end - offset;
        loss.missingEntries += walker.takeEnded();
        offset = end;
        if (refusal === null && walker.isBetween) this.#tell(from, at);
      }
    }
    return isWhole;
  }

  #lose(from: Side, at: Moment, reason: string): void {
    if (this.#losses[from] !== null) return;
    this.#losses[from] = { since: at, reason, missingEntries: 0, missingBytes: 0 };
    this.#builder.broken(this.#connection, from, at);
  }

  #tell(from: Side, until: Moment): void {
    const loss = this.#losses[from];
    if (loss === null) return;
    this.#losses[from] = null;
    const { since, ...missing } = loss;
    this.#builder.skipped(this.#connection, { ...missing, untilMs: until.atMs }, since);
  }

  #holds(from: Side, walker: FrameWalker | null): void {
    const bytes = walker === null || this.#losses[from] !== null ? 0 : walker.messageBytes;
    this.#held.sizeBytes += bytes - this.#heldBytes[from];
    this.#heldBytes[from] = bytes;
  }
}
