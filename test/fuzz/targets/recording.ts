import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { GwTraceError } from "../../../src/errors.ts";
import { decodeBlock } from "../../../src/recording/block.ts";
import { scanBlocks } from "../../../src/recording/find-blocks.ts";
import { bytesSource } from "../../../src/recording/byte-source.ts";
import { BLOCK_HEADER_BYTES, encodeBlockHeader, MAGIC } from "../../../src/recording/format.ts";
import { openRecordingBytes } from "../../../src/recording/reader.ts";
import { createRecording } from "../../../src/recorder/writer.ts";
import { sampleHeader, textEntry } from "../../recording/sample.ts";
import type { FuzzTarget } from "../target.ts";

const RECORDINGS = path.resolve(import.meta.dirname, "../../../recordings");
const FORMER = path.resolve(import.meta.dirname, "../../recording/fixtures/aside.gwtrace");
const MAX_INFLATED_BYTES = 96 * 1024 * 1024;

const LONG = "a text long enough for an index, ".repeat(20);

let made: Promise<readonly Buffer[]> | null = null;

function recordings(): Promise<readonly Buffer[]> {
  made ??= readRecordings();
  return made;
}

function readRecordings(): Promise<readonly Buffer[]> {
  const names = ["cut-short", "scope-upgrade", "direct-agent-control"];
  const paths = names.map((name) => path.join(RECORDINGS, `${name}.gwtrace`));
  const shipped = [...paths, FORMER].map((file) => readFile(file));
  return Promise.all([...shipped, writeIndexed()]);
}

/** A recording with an index, with some of each kind of frame. */
async function writeIndexed(): Promise<Buffer> {
  const frames = [
    { type: "req", id: "1", method: "agent", params: { message: LONG, idempotencyKey: "k" } },
    { type: "res", id: "1", ok: true, payload: { status: "accepted", note: LONG } },
    { type: "event", event: "chat", payload: LONG, seq: 1 },
  ];
  const folder = await mkdtemp(path.join(tmpdir(), "gw-trace-fuzz-"));
  const file = path.join(folder, "long.gwtrace");
  const writer = await createRecording(file, sampleHeader);
  for (let index = 0; index < 30; index++)
    writer.append(textEntry(JSON.stringify(frames[index % frames.length]), index));
  await writer.close();
  const bytes = await readFile(file);
  await rm(folder, { recursive: true });
  return bytes;
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
    for (const how of [{ deferTexts: true }, { checkIndex: true }]) {
      for await (const block of reader.blocks(how)) {
        for (const entry of block) {
          if (entry.kind === "message" && entry.message.type === "text")
            sizeBytes += entry.message.text.length;
        }
      }
    }
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
  inputs: recordings,
  run: readAll,
};

/** A payload of codec 2 with so many bytes of texts. */
function setAside(tuples: Buffer, textsBytes: number): Buffer {
  const stored = deflateRawSync(tuples);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(stored.length, 0);
  lengths.writeUInt32LE(tuples.length, 4);
  return Buffer.concat([lengths, stored, deflateRawSync(Buffer.alloc(textsBytes, "{"))]);
}

/** A recording with one block, whose checksums hold, of an input of `payloads`. */
export async function sealPayload(input: Buffer): Promise<Buffer> {
  const [whole] = await recordings();
  if (whole === undefined) throw new Error("no recording to take the header from");
  const [first] = scanBlocks(bytesSource(whole), MAGIC.length, whole.length, null);
  if (first?.found !== "block") throw new Error("no header in it");
  const { offset, header } = first.block;
  const head = whole.subarray(0, offset + BLOCK_HEADER_BYTES + header.payloadBytes);
  const tuples = input.subarray(3);
  const textsBytes = (input[1] ?? 0) | ((input[2] ?? 0) << 8);
  const payload = textsBytes === 0 ? tuples : setAside(tuples, textsBytes);
  const sealed = encodeBlockHeader(
    {
      fileId: header.fileId,
      type: "entries",
      codec: textsBytes === 0 ? "raw" : "texts-aside",
      startsWithGap: false,
      inflatedBytes: tuples.length + textsBytes,
      entryCount: input[0] ?? 0,
      firstEntry: 1,
      firstAtMs: 0,
      lastAtMs: 0,
    },
    payload,
  );
  return Buffer.concat([head, sealed, payload]);
}

/** What stands in the blocks, under checksums that hold: entries that are no entries, msgpack that is none or too deep. */
export const payloads: FuzzTarget = {
  name: "recording payload",
  oneIn: 12,
  words: ["\u0091".repeat(400), "\u00dd\u00ff\u00ff\u00ff\u00ff", "\u00c1", "\u00d9", "\u00c7\u0000\u0000"],
  async inputs() {
    const found: Buffer[] = [];
    for (const bytes of await recordings()) {
      for (const scanned of scanBlocks(bytesSource(bytes), MAGIC.length, bytes.length, null)) {
        if (scanned.found !== "block" || scanned.block.header.type !== "entries") continue;
        const { offset, header } = scanned.block;
        const end = offset + BLOCK_HEADER_BYTES + header.payloadBytes;
        const content = await decodeBlock(header, bytes.subarray(offset, end));
        if (content === null || content.payload.length >= 8000) continue;
        const { payload, texts } = content;
        const lengths = Buffer.of(header.entryCount, texts.length & 255, texts.length >> 8);
        found.push(Buffer.concat([lengths, payload]));
      }
    }
    return found;
  },
  async run(input) {
    return readAll(await sealPayload(input));
  },
}; // prettier-ignore
