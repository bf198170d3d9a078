import { randomBytes } from "node:crypto";
import { GwTraceError } from "../errors.ts";
import { TOOL_VERSION } from "../version.ts";
import { BlockFile } from "./block-file.ts";
import { BlockQueue, writeFailed } from "./block-queue.ts";
import { encodeBlock, type NewBlock } from "../recording/block.ts";
import { roundToMicroseconds } from "../recording/entry-codec.ts";
import { encodeValue } from "../recording/msgpack.ts";
import { encodeBlocks } from "./encode-blocks.ts";
import { entryBytes } from "./entry-size.ts";
import type {
  Entry,
  GapEntry,
  NewEntry,
  NewRecordingHeader,
  RecordingHeader,
} from "../recording/entry.ts";
import { FORMAT_VERSION, MAX_BLOCK_BYTES } from "../recording/format.ts";
import { Losses, gapOf, sumLost } from "./losses.ts";
import { createRedactor } from "../redaction/redaction.ts";
import type { Redactor } from "../redaction/redaction.ts";

/** An entries block is closed at about this size, or when its first entry is this old. */
const BLOCK_BYTES = 64 * 1024;
/** While others wait for the disk, larger blocks cost less and take less room. */
const BUSY_BLOCK_BYTES = 256 * 1024;
const BLOCK_AGE_MS = 50;

/** With more than this before the disk, whoever can wait should. */
const WAITING_BYTES = 1024 * 1024;

/** How a recording is written. */
export interface WriterOptions {
  /** Entries beyond this, not yet on the disk, are dropped and counted. Default 32 MiB, at most 64. */
  readonly maxPendingBytes?: number;
  /** For files that must stay small: no block is made larger than this for the sake of speed. Default 256 KiB, at least 64. */
  readonly maxBlockBytes?: number;
  /**
   * True where others wait: what comes faster than it can be deflated is stored as it is, and without an index. The file is larger, and
   * a report on it takes longer. Default false.
   */
  readonly hasToHurry?: boolean;
  /** Takes the credentials out; the default is one of its own. For files that share what they know of secrets. */
  readonly redactor?: Redactor;
  /** Called once, when for the first time something cannot be written. */
  readonly onBlind?: (error: GwTraceError) => void;
  /** How long to wait before a failed write is tried again. Default 1000. */
  readonly retryAfterMs?: number;
}

/** What a recording came to. */
export interface ClosedRecording {
  readonly path: string;
  readonly entries: number;
  readonly sizeBytes: number;
  /** Entries that happened but are not in the file. */
  readonly missedEntries: number;
  readonly missedBytes: number;
  /** False when the end could not be written. */
  readonly complete: boolean;
  /** The files of a flight recorder that are there in the end, oldest first. */
  readonly parts?: readonly string[];
  /** The stretches that a flight recorder saved. */
  readonly saved?: readonly string[];
}

/**
 * Creates the file of a recording, which must not exist, for its owner's eyes alone.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function createRecording(
  path: string,
  header: NewRecordingHeader,
  options: WriterOptions = {},
): Promise<RecordingWriter> {
  const full: RecordingHeader = {
    formatVersion: FORMAT_VERSION,
    toolVersion: TOOL_VERSION,
    localityChange: null,
    part: null,
    scrubbed: null,
    ...header,
  };
  const fileId = randomBytes(4).readUInt32LE();
  const file = new BlockFile(path, fileId, encodeValue(full));
  try {
    await file.create();
  } catch (error) {
    if (!isThere(error)) throw writeFailed(path, error);
    throw new GwTraceError(
      "RECORDING_EXISTS",
      `${path} is there already`,
      "Choose another name; gw-trace never writes over a recording.",
      { cause: error },
    );
  }
  return new RecordingWriter({ path, header: full, fileId, file }, options);
}

/** A recording whose file was created. */
interface Created {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly fileId: number;
  readonly file: BlockFile;
}

/**
 * A recording being written. `append` never waits and never fails: what is older than 100 ms is in the file, or counted as missed
 * and told of in a `gap` entry as soon as the disk takes it.
 */
export class RecordingWriter {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly #fileId: number;
  readonly #file: BlockFile;
  readonly #queue: BlockQueue;
  readonly #redactor: Redactor;
  readonly #maxPendingBytes: number;
  readonly #busyBlockBytes: number;
  readonly #onBlind: (error: GwTraceError) => void;
  readonly #losses = new Losses();
  #trouble: string | null = null;
  #blindTold = false;
  #nextEntry = 1;
  /** The block that is being filled. */
  #entries: NewEntry[] = [];
  #blockBytes = 0;
  #blockFirst = 1;
  #timer: NodeJS.Timeout | null = null;
  #closed: Promise<ClosedRecording> | null = null;
  readonly #waiting: (() => void)[] = [];
  #mayWait = true;

  constructor(created: Created, options: WriterOptions) {
    const { path, header, fileId, file } = created;
    this.path = path;
    this.header = header;
    this.#fileId = fileId;
    this.#file = file;
    this.#redactor = options.redactor ?? createRedactor(header.redaction);
    const maxPendingBytes = options.maxPendingBytes ?? 32 * 1024 * 1024;
    this.#maxPendingBytes = Math.min(maxPendingBytes, MAX_BLOCK_BYTES - BUSY_BLOCK_BYTES * 2);
    const maxBlockBytes = Math.min(options.maxBlockBytes ?? BUSY_BLOCK_BYTES, BUSY_BLOCK_BYTES);
    this.#busyBlockBytes = Math.max(BLOCK_BYTES, maxBlockBytes);
    this.#onBlind = options.onBlind ?? (() => undefined);
    this.#queue = new BlockQueue(path, file, options, {
      onTrouble: (error) => {
        this.#trouble = error.message;
        this.#tellBlind(error);
      },
      onDrained: () => {
        this.#trouble = null;
        this.#writeGap(null);
      },
      onWritten: () => this.#release(),
      onDeleted: (blocks) => this.#loseFile(blocks),
    });
  }

  /** Bytes in the file so far. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** Entries that happened but will not be in the file. */
  get missedEntries(): number {
    return this.#losses.totalEntries;
  }

  /** Redacts and numbers an entry and sees it to the disk. Returns it as it is stored. After `close` it is counted as missed. */
  append(entry: NewEntry): Entry {
    const stored = withStoredTimes(this.#redactor.redact(entry));
    const sizeBytes = entryBytes(stored);
    // There is always room to say what is missing.
    const hasRoom = stored.kind === "gap" || this.#hasRoom(sizeBytes);
    if (this.#closed !== null || !hasRoom) return this.#drop(stored, sizeBytes);
    this.#writeGap(stored.atMs);
    if (stored.kind === "gap") this.#passOver(stored);
    return numbered(stored, this.#store(stored, sizeBytes));
  }

  /** Resolves when little waits for the disk. */
  async whenRoom(): Promise<void> {
    while (this.#queue.pendingBytes > WAITING_BYTES && this.#mayWait) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** From now on `whenRoom` resolves at once: what there is no room for is missed. */
  stopWaiting(): void {
    this.#mayWait = false;
    this.#release();
  }

  /** Sees everything appended so far to the file; resolves when it is there, or writing it has failed. */
  async flush(): Promise<void> {
    this.#seal();
    await this.#queue.settle();
  }

  /** Writes what is left, the index and the end. A second call gives the same answer. Never rejects. */
  close(): Promise<ClosedRecording> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #release(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  #hasRoom(sizeBytes: number): boolean {
    const pending = this.#queue.pendingBytes + this.#blockBytes;
    // Once blind, wait until half the room is free: rather one long gap than many short ones.
    const limit = this.#losses.open ? this.#maxPendingBytes / 2 : this.#maxPendingBytes;
    return pending + sizeBytes <= limit;
  }

  #drop(entry: NewEntry, sizeBytes: number): Entry {
    const reason =
      sizeBytes > this.#maxPendingBytes
        ? `a message of ${sizeBytes} bytes is larger than the recorder holds`
        : (this.#trouble ?? "the disk was too slow");
    this.#losses.add(entry, sizeBytes, reason);
    if (this.#closed === null) this.#tellBlind(writeFailed(this.path, new Error(reason)));
    return { ...entry, entry: this.#nextEntry++ };
  }

  #store(entry: NewEntry, sizeBytes: number): number {
    const number = this.#nextEntry++;
    if (this.#entries.length === 0) this.#blockFirst = number;
    this.#entries.push(entry);
    this.#blockBytes += sizeBytes;
    const enough = this.#queue.pendingBytes > 0 ? this.#busyBlockBytes : BLOCK_BYTES;
    if (this.#blockBytes >= enough) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), BLOCK_AGE_MS).unref();
    return number;
  }

  /** What others say is missing leaves a hole in the numbers as well, so that readers see it without decoding anything. */
  #passOver(gap: GapEntry): void {
    this.#losses.count(gap.missingEntries, gap.missingBytes);
    if (gap.missingEntries === 0) return;
    this.#seal();
    this.#nextEntry += gap.missingEntries;
  }

  /** Tells in the recording what it misses, at the place where it misses it. */
  #writeGap(untilMs: number | null): void {
    if (!this.#losses.open) return;
    // The gap must be the first of its block, where a reader that only hops over headers finds it.
    this.#seal();
    const gap = this.#losses.takeGap(untilMs);
    if (gap !== null) this.#store(gap, entryBytes(gap));
  }

  #seal(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#blockBytes = 0;
    const built = { fileId: this.#fileId, firstEntry: this.#blockFirst, entries };
    for (const block of encodeBlocks(built, !this.#queue.isHurried)) this.#queue.push(block);
  }

  async #close(): Promise<ClosedRecording> {
    await this.flush();
    this.#writeGap(null);
    await this.flush();
    const complete = await this.#finish();
    await this.#file.release().catch(() => undefined);
    const missedEntries = this.#losses.totalEntries;
    return {
      path: this.path,
      entries: this.#nextEntry - 1 - missedEntries,
      sizeBytes: this.#file.sizeBytes,
      missedEntries,
      missedBytes: this.#losses.totalBytes,
      complete,
    };
  }

  async #finish(): Promise<boolean> {
    try {
      if (await this.#file.isDeleted()) {
        this.#loseFile(this.#queue.giveUp());
        return false;
      }
      if (!this.#queue.isEmpty || !(await this.#hasRoomToFinish())) await this.#finishInPlace();
      return true;
    } catch (error) {
      this.#tellBlind(writeFailed(this.path, error));
      return false;
    }
  }

  async #hasRoomToFinish(): Promise<boolean> {
    try {
      await this.#file.finish();
      return true;
    } catch (error) {
      const failed = writeFailed(this.path, error);
      this.#trouble = failed.message;
      this.#tellBlind(failed);
      return false;
    }
  }

  /** The disk has no room left: what is not on it becomes a gap, and that and the end take the room of the last blocks. */
  async #finishInPlace(): Promise<void> {
    const lost = sumLost(this.#file.giveUpLast(), this.#queue.giveUp());
    if (lost !== null) {
      this.#losses.count(lost.entries, lost.bytes);
      const missing = this.#nextEntry - 1 - this.#file.lastEntry;
      const reason = this.#trouble ?? "the disk was full";
      const gap = gapOf(lost, missing, Date.parse(this.header.startedAt), reason);
      const built = { fileId: this.#fileId, firstEntry: this.#nextEntry, entries: [gap] };
      const stored = encodeBlocks(built, false).map((block) => encodeBlock(block));
      await this.#file.appendEntries(await Promise.all(stored));
      this.#nextEntry += 1;
    }
    await this.#file.finish();
  }

  #loseFile(blocks: readonly NewBlock[]): void {
    const reason = "the file was deleted while it was written";
    const bytes = blocks.reduce((sum, block) => sum + block.payload.length, this.#file.sizeBytes);
    // What waits in the batch goes too, so that the gap stands before all that is still to come.
    this.#entries = [];
    this.#blockBytes = 0;
    this.#losses.addAll(this.#nextEntry - 1, bytes, reason, Date.parse(this.header.startedAt));
    this.#tellBlind(writeFailed(this.path, new Error(reason)));
  }

  #tellBlind(error: GwTraceError): void {
    if (this.#blindTold) return;
    this.#blindTold = true;
    this.#onBlind(error);
  }
}

function numbered(stored: NewEntry, entry: number): Entry {
  if (stored.kind !== "message") return { ...stored, entry };
  // Field by field, as there are so many of these.
  const { kind, atMs, wallMs, connection, from, message, sizeBytes, redacted } = stored;
  return { kind, atMs, wallMs, connection, from, message, sizeBytes, redacted, entry };
}

function withStoredTimes(entry: NewEntry): NewEntry {
  const atMs = roundToMicroseconds(entry.atMs);
  const wallMs = roundToMicroseconds(entry.wallMs);
  return atMs === entry.atMs && wallMs === entry.wallMs ? entry : { ...entry, atMs, wallMs };
}

/** A file in the place of a folder is EEXIST too, but of `mkdir`. */
function isThere(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return false;
  return error.code === "EEXIST" && error.syscall === "open";
}
