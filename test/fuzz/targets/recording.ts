import { readFile } from "node:fs/promises";
import path from "node:path";
import { GwTraceError } from "../../../src/errors.ts";
import { decodeBlock } from "../../../src/recording/block.ts";
import { scanBlocks } from "../../../src/recording/block-scan.ts";
import { bytesSource } from "../../../src/recording/byte-source.ts";
import { BLOCK_HEADER_BYTES, encodeBlockHeader, MAGIC } from "../../../src/recording/format.ts";
import { openRecordingBytes } from "../../../src/recording/reader.ts";
import type { FuzzTarget } from "../target.ts";

const RECORDINGS = path.resolve(import.meta.dirname, "../../../recordings");
const MAX_INFLATED_BYTES = 96 * 1024 * 1024;

function shipped(): Promise<readonly Buffer[]> {
  const names = ["cut-short", "scope-upgrade", "direct-agent-control"];
  return Promise.all(names.map((name) => readFile(path.join(RECORDINGS, `${name}.gwtrace`))));
}

/** Reads it in every way there is; only the errors that are promised may come. */
async function readAll(bytes: Buffer): Promise<string> {
  try {
    await using reader = await openRecordingBytes(bytes, "fuzzed");
    let count = 0;
    let sizeBytes = 0;
    let last = 0;
    for await (const entry of reader.entries()) {
      if (entry.entry <= last) throw new Error(`entry ${entry.entry} comes after ${last}`);
      last = entry.entry;
      count += 1;
      if (entry.kind === "message" && entry.message.type === "text")
        sizeBytes += entry.message.text.length;
    }
    if (sizeBytes > MAX_INFLATED_BYTES) throw new Error(`it became ${sizeBytes} characters`);
    const newest = await reader.last(3);
    if (newest.length !== Math.min(3, count)) throw new Error(`the last 3 are ${newest.length}`);
    await reader.read(Math.max(1, last - 1), 5);
    const missing = reader.missing.map((line) => line.replaceAll(/\d+/g, "#"));
    if (count < reader.entryCount && missing.length === 0)
      throw new Error(`${reader.entryCount - count} entries are gone, and nothing says so`);
    return `${missing.join()} ${reader.complete}`;
  } catch (error) {
    if (error instanceof GwTraceError) return error.code;
    throw error;
  }
}

/** The file as it lies on the disk: cut, bits flipped, lengths that lie, pieces doubled. */
export const file: FuzzTarget = {
  name: "recording file",
  oneIn: 40,
  words: ["\u0000\u0000\u0000\u0000", "\u00ff\u00ff\u00ff\u00ff", "GWBLK\r\n"],
  inputs: shipped,
  run: readAll,
};

/** What stands in the blocks, under checksums that hold: entries that are no entries, msgpack that is none or too deep. */
export const payloads: FuzzTarget = {
  name: "recording payload",
  oneIn: 12,
  words: ["\u0091".repeat(400), "\u00dd\u00ff\u00ff\u00ff\u00ff", "\u00c1", "\u00d9", "\u00c7\u0000\u0000"],
  async inputs() {
    const found: Buffer[] = [];
    for (const bytes of await shipped()) {
      for (const scanned of scanBlocks(bytesSource(bytes), MAGIC.length, bytes.length, null)) {
        if (scanned.found !== "block" || scanned.block.header.type !== "entries") continue;
        const { offset, header } = scanned.block;
        const end = offset + BLOCK_HEADER_BYTES + header.payloadBytes;
        const payload = await decodeBlock(header, bytes.subarray(offset, end));
        if (payload !== null && payload.length < 8000) found.push(Buffer.concat([Buffer.of(header.entryCount), payload]));
      }
    }
    return found;
  },
  async run(input) {
    const [whole] = await shipped();
    if (whole === undefined) throw new Error("no recording to take the header from");
    const [first] = scanBlocks(bytesSource(whole), MAGIC.length, whole.length, null);
    if (first?.found !== "block") throw new Error("no header in it");
    const { offset, header } = first.block;
    const head = whole.subarray(0, offset + BLOCK_HEADER_BYTES + header.payloadBytes);
    const payload = input.subarray(1);
    const sealed = encodeBlockHeader(
      {
        fileId: header.fileId,
        type: "entries",
        codec: "raw",
        startsWithGap: false,
        inflatedBytes: payload.length,
        entryCount: input[0] ?? 0,
        firstEntry: 1,
        firstAtMs: 0,
        lastAtMs: 0,
      },
      payload,
    );
    return readAll(Buffer.concat([head, sealed, payload]));
  },
}; // prettier-ignore
