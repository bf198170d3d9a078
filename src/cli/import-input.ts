import { open, type FileHandle } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";
import { tooLargeToImport } from "../exchange/import-bounds.ts";
import { SNIFFED_BYTES } from "../exchange/sniff.ts";
import { renderSize } from "../views/quantity.ts";

const HINT =
  "Give the path of a HAR, of JSON lines or of a packet capture, or - for standard input.";

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
   * @throws {GwTraceError} NOT_A_RECORDING when it is larger than `maxBytes`, or cannot be read
   */
  async bytes(maxBytes: number, hint: string): Promise<Buffer> {
    const pieces: Buffer[] = [];
    await this.#read(maxBytes, hint, (piece) => pieces.push(piece));
    return Buffer.concat(pieces);
  }

  /**
   * All of it as one text; what is no UTF-8 becomes the character that stands for such.
   * @throws {GwTraceError} NOT_A_RECORDING when it is larger than `maxBytes`, or cannot be read
   */
  async text(maxBytes: number, hint: string): Promise<string> {
    const decoder = new TextDecoder();
    const pieces: string[] = [];
    await this.#read(maxBytes, hint, (piece) =>
      pieces.push(decoder.decode(piece, { stream: true })),
    );
    return pieces.join("") + decoder.decode();
  }

  async #read(maxBytes: number, hint: string, take: (piece: Buffer) => void): Promise<void> {
    let sizeBytes = 0;
    try {
      for await (const piece of this.chunks()) {
        sizeBytes += piece.length;
        if (sizeBytes > maxBytes) break;
        take(piece);
      }
    } catch (error) {
      throw cannotRead(this.name, error);
    }
    if (sizeBytes > maxBytes)
      throw tooLargeToImport(this.name, `it has more than ${renderSize(maxBytes)}`, hint);
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

function cannotRead(name: string, error: unknown): GwTraceError {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const why = error instanceof Error ? error.message : String(error);
  return code === "ENOENT"
    ? new GwTraceError("RECORDING_NOT_FOUND", `there is no file ${name}`, HINT, { cause: error })
    : new GwTraceError("NOT_A_RECORDING", `${name} cannot be read: ${why}`, HINT, { cause: error });
}
