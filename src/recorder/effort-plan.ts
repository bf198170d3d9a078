import type { Encoding, NewBlock } from "../recording/block.ts";

/** With more than this before the disk, better fast than small. */
const HURRY_BYTES = 256 * 1024;
/** With more than this, deflating does not keep up. */
const FLOOD_BYTES = 512 * 1024;
/** Less than this comes in no time at all, and says nothing about how fast traffic is. */
const TELLING_BYTES = 64 * 1024;
/** Traffic below this, deflating keeps up with on part of a processor. */
const CALM_BYTES_PER_MS = 16 * 1024;

/**
 * Decides how hard blocks are deflated: as hard as there is time for. A flood goes to the disk as it is, up to a limit, so that
 * the traffic does not have to wait for it; that can be made up for when the recording is closed.
 */
export class EffortPlan {
  readonly #maxRawBytes: number;
  readonly #floodBytesPerMs: number | null;
  #rawBytes = 0;
  #isFlooded = false;

  /** At most so many bytes are not deflated for want of time. What comes as fast as `floodBytesPerMs` is a flood at once. */
  constructor(maxRawBytes: number, floodBytesPerMs: number | null = null) {
    this.#maxRawBytes = maxRawBytes;
    this.#floodBytesPerMs = floodBytesPerMs;
  }

  /** How many bytes were not deflated for want of time. */
  get rawBytes(): number {
    return this.#rawBytes;
  }

  /** How these blocks are made ready, of all that wait for the disk. */
  next(blocks: readonly NewBlock[], pendingBytes: number): Encoding {
    const sizeBytes = blocks.reduce((sum, { payload }) => sum + payload.length, 0);
    if (pendingBytes > FLOOD_BYTES || this.#isFast(blocks, sizeBytes)) this.#isFlooded = true;
    else if (isSlower(CALM_BYTES_PER_MS, blocks, sizeBytes)) this.#isFlooded = false;
    if (this.#isFlooded && this.#rawBytes + sizeBytes <= this.#maxRawBytes) {
      this.#rawBytes += sizeBytes;
      return { effort: "none", textsAside: false };
    }
    const isHurried = pendingBytes > HURRY_BYTES;
    // Reading frames takes time of the thread that the entries come from, not of another one as deflating does.
    const textsAside = !isHurried || this.#floodBytesPerMs === null;
    return { effort: isHurried ? "fast" : "small", textsAside };
  }

  #isFast(blocks: readonly NewBlock[], sizeBytes: number): boolean {
    const limit = this.#floodBytesPerMs;
    return limit !== null && sizeBytes >= TELLING_BYTES && !isSlower(limit, blocks, sizeBytes);
  }
}

function isSlower(bytesPerMs: number, blocks: readonly NewBlock[], sizeBytes: number): boolean {
  const spanMs = (blocks.at(-1)?.facts.lastAtMs ?? 0) - (blocks[0]?.facts.firstAtMs ?? 0);
  return sizeBytes < spanMs * bytesPerMs;
}
