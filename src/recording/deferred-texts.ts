import { inflateRawSync } from "node:zlib";
import type { Frame } from "../gateway/frame.ts";
import { inflateLimits } from "./inflate-limits.ts";

/** What the recorder noted of a text that it set aside. */
export interface TextOutline {
  /** See `outlineOf`. */
  readonly frame: Frame;
  /** CRC-32 of the text in UTF-8, as a signed number. */
  readonly crc: number;
}

/** The texts of a block that were set aside, one after the other in UTF-8. */
export interface TextsAside {
  /** How long they are together. */
  readonly sizeBytes: number;
  /** True when asking for one costs something. */
  readonly deferred: boolean;
  slice(start: number, end: number): string;
}

/** Texts that are there already. */
export function textsInMemory(bytes: Buffer): TextsAside {
  const slice = (start: number, end: number): string => bytes.toString("utf8", start, end);
  return { sizeBytes: bytes.length, deferred: false, slice };
}

/** Texts that are inflated when the first of them is asked for. A forger's that cannot be are empty, and told of. */
export class DeferredTexts implements TextsAside {
  readonly sizeBytes: number;
  readonly deferred = true;
  #stored: Buffer;
  readonly #onDamage: () => void;
  #inflated: Buffer | null = null;

  constructor(stored: Buffer, sizeBytes: number, onDamage: () => void) {
    this.#stored = stored;
    this.sizeBytes = sizeBytes;
    this.#onDamage = onDamage;
  }

  slice(start: number, end: number): string {
    this.#inflated ??= this.#inflate();
    return this.#inflated.toString("utf8", start, end);
  }

  #inflate(): Buffer {
    const stored = this.#stored;
    this.#stored = Buffer.alloc(0);
    try {
      const inflated = inflateRawSync(stored, inflateLimits(this.sizeBytes));
      if (inflated.length === this.sizeBytes) return inflated;
    } catch {
      // The same as of another length.
    }
    this.#onDamage();
    return Buffer.alloc(0);
  }
}

/** A text message whose text is looked up when it is asked for. */
export class DeferredText {
  readonly type = "text";
  readonly #texts: TextsAside;
  readonly #start: number;
  readonly #end: number;

  constructor(texts: TextsAside, start: number, end: number) {
    this.#texts = texts;
    this.#start = start;
    this.#end = end;
  }

  get text(): string {
    return this.#texts.slice(this.#start, this.#end);
  }
}
