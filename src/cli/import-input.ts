import { open, type FileHandle } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { GwTraceError } from "../errors.ts";
import { SNIFFED_BYTES } from "../exchange/sniff.ts";

const HINT =
  "Give the path of a HAR, of JSON lines or of a packet capture, or - for standard input.";

/** So much is read at once of a file from some place on, and less up to another: many such parts may be read in turn. */
const CHUNK_BYTES = 64 * 1024;
const PART_CHUNK_BYTES = 8 * 1024;

/** A file to import, or standard input, of which the beginning was read already. */
export class ImportInput implements AsyncDisposable {
  /** What people call it. */
  readonly name: string;
  /** The first bytes, as many as there are to sniff. */
  readonly head: Buffer;
  readonly #rest: AsyncIterator<Buffer>;
  readonly #file: FileHandle | null;

  private constructor(
    name: string,
    head: Buffer,
    rest: AsyncIterator<Buffer>,
    file: FileHandle | null,
  ) {
    this.name = name;
    this.head = head;
    this.#rest = rest;
    this.#file = file;
  }

  /**
   * Opens a path, or standard input for `-`.
   * @throws {GwTraceError} RECORDING_NOT_FOUND, NOT_A_RECORDING
   */
  static async open(path: string): Promise<ImportInput> {
    const name = path === "-" ? "standard input" : path;
    let file: FileHandle | null = null;
    try {
      file = path === "-" ? null : await open(path);
      const source: AsyncIterable<Buffer> =
        file?.createReadStream({ autoClose: false }) ?? process.stdin;
      const chunks = source[Symbol.asyncIterator]();
      return new ImportInput(name, await readHead(chunks), chunks, file);
    } catch (error) {
      await file?.close();
      throw cannotRead(name, error);
    }
  }

  /** All of it, once. */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    yield this.head;
    for (;;) {
      const next = await this.#rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  }

  /**
   * All of it at once.
   * @throws {GwTraceError} NOT_A_RECORDING when it is longer than memory can hold
   */
  async bytes(): Promise<Buffer> {
    try {
      return await buffer(this.chunks());
    } catch (error) {
      throw cannotRead(this.name, error);
    }
  }

  /**
   * All of it, from any place and as often as wanted: what is no file is held in memory.
   * @throws {GwTraceError} NOT_A_RECORDING
   */
  async rereadable(): Promise<(start: number, end?: number) => AsyncIterable<Buffer>> {
    const file = this.#file;
    if (file !== null && (await file.stat()).isFile()) {
      return (start, end) => readBetween(file, start, end ?? Infinity, this.name);
    }
    const held = await this.#hold();
    return (start, end) => piecesBetween(held, start, end ?? Infinity);
  }

  // In the pieces in which it came: to put them together would take twice the memory.
  async #hold(): Promise<readonly Buffer[]> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of this.chunks()) pieces.push(piece);
      return pieces;
    } catch (error) {
      throw cannotRead(this.name, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  while (sizeBytes < SNIFFED_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    parts.push(next.value);
    sizeBytes += next.value.length;
  }
  return Buffer.concat(parts);
}

async function* readBetween(
  file: FileHandle,
  start: number,
  end: number,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  const chunkBytes = end === Infinity ? CHUNK_BYTES : PART_CHUNK_BYTES;
  for (let at = start; at < end;) {
    const room = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
    const { bytesRead } = await file.read(room, 0, room.length, at).catch((error: unknown) => {
      throw cannotRead(name, error);
    });
    if (bytesRead === 0) return;
    yield room.subarray(0, bytesRead);
    at += bytesRead;
  }
}

// eslint-disable-next-line require-await
async function* piecesBetween(
  pieces: readonly Buffer[],
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  let at = 0;
  for (const piece of pieces) {
    const [from, to] = [Math.max(0, start - at), Math.min(piece.length, end - at)];
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
  }
}

function cannotRead(name: string, error: unknown): GwTraceError {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const why = error instanceof Error ? error.message : String(error);
  return code === "ENOENT"
    ? new GwTraceError("RECORDING_NOT_FOUND", `there is no file ${name}`, HINT, { cause: error })
    : new GwTraceError("NOT_A_RECORDING", `${name} cannot be read: ${why}`, HINT, { cause: error });
}
