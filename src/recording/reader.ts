import { stat } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";
import { BlockTable, Missing } from "./block-table.ts";
import { bytesSource, openFileSource } from "./byte-source.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeValue } from "./msgpack.ts";
import type { RecordingHeader } from "./entry.ts";
import {
  BLOCK_HEADER_BYTES,
  MAGIC,
  RECORDING_EXTENSION,
  decodeBlockHeader,
  parseRecordingHeader,
} from "./format.ts";
import { readBlock, readIndex, scanBlocks } from "./find-blocks.ts";
import { recordingName, recordingNotFound } from "./names.ts";
import { RecordingReader, scanInto, type ReadBlocks } from "./recording-reader.ts";

export type { ReadBlocks, RecordingReader };

/** The header stands in the first two blocks; beyond so many more it is no use to look. */
const MAX_BLOCKS_BEFORE_HEADER = 8;

/** A header holds a few names and addresses. */
const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * Opens the recording in a file. Reads its index, or else hops over the headers of its blocks, so that a huge one opens fast.
 * Its name may be another than the file's, to tell it from a second one. `beforeMore` is called before anything more is made of the
 * file, and may throw to end that.
 * @throws {GwTraceError} RECORDING_NOT_FOUND, RECORDING_EMPTY, NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export async function openRecording(
  path: string,
  name = recordingName(path),
  beforeMore: () => void = () => undefined,
): Promise<RecordingReader> {
  const source = await openFile(path);
  try {
    return await openSource(source, { name, path, shown: path, beforeMore });
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * Opens a recording that is in memory, such as one that came through a pipe. `name` is what people will see.
 * @throws {GwTraceError} RECORDING_EMPTY, NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export function openRecordingBytes(
  bytes: Uint8Array,
  name: string,
  beforeMore: () => void = () => undefined,
): Promise<RecordingReader> {
  const source = bytesSource(bytes);
  return openSource(source, { name: recordingName(name), path: null, shown: name, beforeMore });
}

async function openFile(path: string): Promise<ByteSource> {
  try {
    if ((await stat(path)).isDirectory()) throw notARecording(path, "it is a folder");
    return await openFileSource(path);
  } catch (error) {
    if (error instanceof GwTraceError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") throw await recordingNotFound(path, [], error);
    throw notARecording(path, error instanceof Error ? error.message : String(error), error);
  }
}

interface Opening {
  readonly name: string;
  readonly path: string | null;
  /** What errors call it. */
  readonly shown: string;
  readonly beforeMore: () => void;
}

async function openSource(
  source: ByteSource,
  { name, path, shown, beforeMore }: Opening,
): Promise<RecordingReader> {
  const sizeBytes = source.sizeBytes();
  checkMagic(source, sizeBytes, shown);
  const { header, fileId } = await findHeader(source, sizeBytes, shown);
  const missing = new Missing();
  const table = new BlockTable(missing, MAGIC.length);
  const indexed = await readIndex(source, sizeBytes, fileId);
  if (indexed === null) await scanInto(table, source, sizeBytes, fileId, beforeMore);
  else for (const block of indexed) table.add({ found: "block", block });
  return new RecordingReader({
    header,
    name,
    path,
    fileId,
    source,
    sizeBytes,
    table,
    missing,
    beforeMore,
  });
}

function checkMagic(source: ByteSource, sizeBytes: number, name: string): void {
  const start = source.peek(0, MAGIC.length);
  if (!start.equals(MAGIC.subarray(0, start.length))) {
    throw notARecording(name, "it does not begin like one");
  }
  if (sizeBytes < MAGIC.length) throw recordingEmpty(name, sizeBytes);
}

async function findHeader(
  source: ByteSource,
  sizeBytes: number,
  name: string,
): Promise<{ header: RecordingHeader; fileId: number }> {
  let looked = 0;
  for (const scanned of scanBlocks(source, MAGIC.length, sizeBytes, null)) {
    looked += 1;
    if (looked > MAX_BLOCKS_BEFORE_HEADER) break;
    if (scanned.found !== "block" || scanned.block.header.type !== "header") continue;
    const block = await readBlock(source, scanned.block.offset, null, MAX_HEADER_BYTES);
    if (block === null) continue;
    const parsed = parseRecordingHeader(decodeValue(block.payload));
    if (parsed.ok) return { header: parsed.header, fileId: block.header.fileId };
    if (parsed.newer !== null) throw fromTheFuture(name, parsed.newer);
  }
  // Cut within its very first block, it is not damaged but empty.
  const first = decodeBlockHeader(source.peek(MAGIC.length, BLOCK_HEADER_BYTES), 0);
  const firstEnd = MAGIC.length + BLOCK_HEADER_BYTES + (first?.payloadBytes ?? 0);
  if (sizeBytes < firstEnd) throw recordingEmpty(name, sizeBytes);
  throw notARecording(name, "its header is damaged");
}

function recordingEmpty(name: string, sizeBytes: number): GwTraceError {
  const why = sizeBytes === 0 ? "it has no bytes" : "it was cut before its header was whole";
  return new GwTraceError(
    "RECORDING_EMPTY",
    `${name} holds nothing: ${why}`,
    "Record again; when this keeps happening, look whether the disk is full.",
  );
}

function notARecording(name: string, why: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${name} is not a gw-trace recording: ${why}`,
    `Give a ${RECORDING_EXTENSION} file, as gw-trace record writes it.`,
    { cause },
  );
}

function fromTheFuture(
  name: string,
  newer: { readonly formatVersion: number; readonly toolVersion: string },
): GwTraceError {
  return new GwTraceError(
    "RECORDING_FROM_THE_FUTURE",
    `${name} has format version ${newer.formatVersion}, written by gw-trace ${newer.toolVersion}`,
    `Use gw-trace ${newer.toolVersion} or newer to read it.`,
  );
}
