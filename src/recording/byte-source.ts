import { fstatSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Bytes that can be read at any place: a file, or what came through a pipe. */
export interface ByteSource {
  /** How many bytes there are now; a file that is being written grows. */
  sizeBytes(): number;
  /** At most `length` bytes from `offset`; fewer at the end. Short and at once, for headers of blocks. */
  peek(offset: number, length: number): Buffer;
  /** The same for the bulk. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a file for reading. Rejects as `node:fs` does. */
export async function openFileSource(path: string): Promise<ByteSource> {
  return new FileSource(await open(path, "r"));
}

/** Who reads on soon after where the last read ended gets this much at once, since each read of a file is a round trip to another thread. */
const WINDOW_BYTES = 256 * 1024;
const SOON_BYTES = 32 * 1024;

class FileSource implements ByteSource {
  readonly #handle: FileHandle;
  /** Where the last read ended. */
  #endOffset = Number.NEGATIVE_INFINITY;
  #window: { readonly offset: number; readonly bytes: Promise<Buffer> } | null = null;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  sizeBytes(): number {
    // Who asks reads on beyond what was there: bytes read ahead may be those of a write that failed and was done again.
    this.#window = null;
    return fstatSync(this.#handle.fd).size;
  }

  peek(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.#handle.fd, bytes, 0, length, offset));
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const isNext = offset >= this.#endOffset && offset < this.#endOffset + SOON_BYTES;
    this.#endOffset = offset + length;
    const ready = await this.#fromWindow(offset, length);
    if (ready !== null) return ready;
    if (!isNext || length > WINDOW_BYTES / 2) return this.#readAll(offset, length);
    this.#window = { offset, bytes: this.#readAll(offset, WINDOW_BYTES) };
    return (await this.#fromWindow(offset, length)) ?? this.#readAll(offset, length);
  }

  async close(): Promise<void> {
    this.#window = null;
    await this.#handle.close();
  }

  /** Null where the window does not hold all of it: it may end with a file that has grown since. */
  async #fromWindow(offset: number, length: number): Promise<Buffer | null> {
    const window = this.#window;
    if (window === null || offset < window.offset || offset + length > window.offset + WINDOW_BYTES)
      return null;
    const bytes = await window.bytes;
    const start = offset - window.offset;
    return start + length <= bytes.length ? bytes.subarray(start, start + length) : null;
  }

  async #readAll(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        filled,
        length - filled,
        offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}

/** Reads from bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const peek = (offset: number, length: number): Buffer => buffer.subarray(offset, offset + length);
  return {
    sizeBytes: () => buffer.length,
    peek,
    read: (offset, length) => Promise.resolve(peek(offset, length)),
    close: () => Promise.resolve(),
  };
}
