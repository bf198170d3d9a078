import { encodeEntry } from "./entry-codec.ts";
import { writeArrayHead, writeInteger, writeText } from "./msgpack-forms.ts";
import { isForAside } from "./set-aside.ts";
import { MESSAGE, TEXT } from "./tuple-fields.ts";
import type { MessageEntry, NewEntry } from "./entry.ts";
import type { TextPlace } from "./set-aside.ts";

/** An entries block as far as its entries say: what its header needs, and its payload. */
export interface BuiltBlock {
  readonly entryCount: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly startsWithGap: boolean;
  readonly payload: Buffer;
  /** Where its long texts are. */
  readonly longTexts: readonly TextPlace[];
}

/** The number of entries stands before them, in the form that has room for any (array 32). */
const HEAD_BYTES = 5;

const MIN_MEMORY_BYTES = 96 * 1024;
/** Memory kept for later blocks, at most. */
const MAX_SPARE_BYTES = 2 * 1024 * 1024;

/** Packs entries one by one into the payload of a block. Its memory is used again, so that nothing of it has to be collected. */
export class BlockBuilder {
  #memory: Buffer = reserve(MIN_MEMORY_BYTES);
  #sizeBytes = HEAD_BYTES;
  #entryCount = 0;
  #startsWithGap = false;
  #firstAtMs = 0;
  #lastAtMs = 0;
  #lastAtUs = 0;
  #lastWallUs = 0;
  #longTexts: TextPlace[] = [];
  readonly #spare: Buffer[] = [];
  #spareBytes = 0;

  get isEmpty(): boolean {
    return this.#entryCount === 0;
  }

  /** The size of what was packed. */
  get sizeBytes(): number {
    return this.isEmpty ? 0 : this.#sizeBytes;
  }

  /** Packs an entry, whose times must have been rounded with `roundToMicroseconds`, and which takes at most so many bytes. */
  add(entry: NewEntry, maxBytes: number): void {
    const atUs = Math.round(entry.atMs * 1000);
    const wallUs = Math.round(entry.wallMs * 1000);
    this.#reserve(maxBytes);
    this.#sizeBytes = this.#pack(entry, atUs - this.#lastAtUs, wallUs - this.#lastWallUs);
    if (this.#entryCount === 0) {
      this.#firstAtMs = entry.atMs;
      this.#startsWithGap = entry.kind === "gap";
    }
    this.#entryCount += 1;
    this.#lastAtMs = entry.atMs;
    this.#lastAtUs = atUs;
    this.#lastWallUs = wallUs;
  }

  /** The block of what was added since the last call; null when nothing was. */
  take(): BuiltBlock | null {
    if (this.#entryCount === 0) return null;
    writeArrayHead(this.#memory, this.#entryCount);
    const built = {
      entryCount: this.#entryCount,
      firstAtMs: this.#firstAtMs,
      lastAtMs: this.#lastAtMs,
      startsWithGap: this.#startsWithGap,
      payload: this.#memory.subarray(0, this.#sizeBytes),
      longTexts: this.#longTexts,
    };
    this.#memory = this.#takeSpare() ?? reserve(MIN_MEMORY_BYTES);
    this.clear();
    return built;
  }

  /** Forgets what was added since `take`. */
  clear(): void {
    this.#sizeBytes = HEAD_BYTES;
    this.#entryCount = 0;
    this.#lastAtUs = 0;
    this.#lastWallUs = 0;
    this.#longTexts = [];
  }

  /** Gives back the payload of a block that nobody needs any more. */
  recycle(payload: Buffer): void {
    const memory = Buffer.from(payload.buffer);
    if (this.#spareBytes + memory.length > MAX_SPARE_BYTES) return;
    this.#spareBytes += memory.length;
    this.#spare.push(memory);
  }

  #pack(entry: NewEntry, sinceAtUs: number, sinceWallUs: number): number {
    if (entry.kind === "message" && entry.message.type === "text") {
      return this.#packText(entry, entry.message.text, sinceAtUs, sinceWallUs);
    }
    const packed = encodeEntry(entry, sinceAtUs, sinceWallUs);
    this.#reserve(packed.length);
    this.#memory.set(packed, this.#sizeBytes);
    return this.#sizeBytes + packed.length;
  }

  /** The tuple that nearly all entries have: see entry-codec.ts. */
  #packText(entry: MessageEntry, text: string, sinceAtUs: number, sinceWallUs: number): number {
    const memory = this.#memory;
    const tuple = this.#sizeBytes;
    let at = tuple;
    memory[at++] = NINE_FIELDS;
    memory[at++] = MESSAGE;
    at = writeInteger(memory, at, sinceAtUs);
    at = writeInteger(memory, at, sinceWallUs);
    at = writeInteger(memory, at, entry.connection);
    memory[at++] = entry.redacted ? TRUE : FALSE;
    memory[at++] = entry.from === "client" ? 0 : 1;
    at = writeInteger(memory, at, entry.sizeBytes);
    memory[at++] = TEXT;
    const end = writeText(memory, at, text);
    if (isForAside(end - at)) this.#longTexts.push({ tuple, text: at, end });
    return end;
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#sizeBytes + sizeBytes;
    if (needed <= this.#memory.length) return;
    const larger = reserve(Math.max(needed, this.#memory.length * 2));
    larger.set(this.#memory.subarray(0, this.#sizeBytes));
    this.#memory = larger;
  }

  #takeSpare(): Buffer | undefined {
    const spare = this.#spare.pop();
    this.#spareBytes -= spare?.length ?? 0;
    return spare;
  }
}

function reserve(sizeBytes: number): Buffer {
  return Buffer.allocUnsafeSlow(sizeBytes);
}

const NINE_FIELDS = 0x99;
const FALSE = 0xc2;
const TRUE = 0xc3;
