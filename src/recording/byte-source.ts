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

class FileSource implements ByteSource {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  sizeBytes(): number {
    return fstatSync(this.#handle.fd).size;
  }

  peek(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.#handle.fd, bytes, 0, length, offset));
  }

  async read(offset: number, length: number): Promise<Buffer> {
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

  async close(): Promise<void> {
    await this.#handle.close();
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
