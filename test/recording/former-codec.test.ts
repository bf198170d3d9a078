import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { readJsonLines, renderJsonLines } from "../../src/exchange/json-lines/recording.ts";
import { splitLines } from "../../src/exchange/json-lines/split-lines.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import { MAGIC, encodeBlockHeader } from "../../src/recording/format.ts";
import { openRecording, openRecordingBytes } from "../../src/recording/reader.ts";
import { readTrace } from "../../src/trace/read.ts";
import { readAll, readDeferred, sampleHeader } from "./sample.ts";

const packr = new Packr({ useRecords: false });
const FIXTURES = join(import.meta.dirname, "fixtures");
const RECORDING = join(FIXTURES, "aside.gwtrace");
const LINES = join(FIXTURES, "aside.jsonl");

describe("what gw-trace wrote when long texts stood apart", () => {
  test("reads as the JSON lines that the same version made of it", async () => {
    await using reader = await openRecording(RECORDING);
    const readEnd = () => ({ complete: reader.complete, missing: reader.missing });
    let lines = "";
    for await (const piece of renderJsonLines(reader.header, reader.entries(), readEnd))
      lines += piece;
    expect(lines).toBe(await readFile(LINES, "utf8"));
    const entries = await readAll(reader);
    expect(entries).toHaveLength(17);
    expect(await readDeferred(reader)).toEqual(entries);
    const [connection] = (await readTrace(reader)).connections;
    expect(connection?.rpcs.map(({ method, ok }) => [method, ok])).toEqual([
      ["agent", true],
      ["config.patch", false],
    ]);
  });

  test("as JSON lines is the same recording", async () => {
    await using reader = await openRecording(RECORDING);
    const { entries, remarks } = await readJsonLines(splitLines(createReadStream(LINES)), "x");
    const read: NewEntry[] = [];
    for await (const entry of entries) read.push(entry);
    const numbered = read.map((entry, at) => ({ ...entry, entry: at + 1 }));
    expect(numbered).toEqual(await readAll(reader));
    expect(remarks).toMatchObject({ skipped: 0 });
  });
});

describe("a forged block whose texts stand apart", () => {
  const tuple = [3, 0, 0, 1, false, 1, 5, 0, null, 5, [2, 0, "chat", null]];
  const HELLO = deflateRawSync("hello");

  async function open(tuples: readonly unknown[], texts: Buffer, textsBytes: number, lie = 0) {
    const plain = packr.pack(tuples);
    const stored = deflateRawSync(plain);
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(stored.length, 0);
    lengths.writeUInt32LE(plain.length + lie, 4);
    const facts = { fileId: 7, startsWithGap: false, firstAtMs: 0, lastAtMs: 0 } as const;
    const head = packr.pack({ formatVersion: 1, toolVersion: "9.9.9", ...sampleHeader });
    const blocks = [
      [{ type: "header", codec: "raw", inflatedBytes: head.length, entryCount: 0, firstEntry: 0 }, head],
      [
        { type: "entries", codec: "texts-aside", inflatedBytes: plain.length + textsBytes, entryCount: tuples.length, firstEntry: 1 },
        Buffer.concat([lengths, stored, texts]),
      ],
    ] as const;
    const bytes = blocks.flatMap(([own, payload]) => [encodeBlockHeader({ ...facts, ...own }, payload), payload]);
    return openRecordingBytes(Buffer.concat([MAGIC, ...bytes]), "forged");
  } // prettier-ignore

  test("reads when it is sound", async () => {
    await using reader = await open([tuple], HELLO, 5);
    expect(await readAll(reader)).toMatchObject([{ message: { type: "text", text: "hello" } }]);
    expect(reader.missing).toEqual([]);
  });

  test.each([
    ["there are more texts than its entries have", [tuple], HELLO, 6, 0],
    ["there are fewer", [tuple, tuple], HELLO, 5, 0],
    ["its texts are not deflated", [tuple], Buffer.from("hello"), 5, 0],
    ["its texts are others than it promises", [tuple], deflateRawSync("hello!"), 5, 0],
    ["it lies about the length of its tuples", [tuple], HELLO, 5, 3],
    ["it promises less than nothing", [tuple], HELLO, 0, 1000],
    ["a text is longer than all there are", [[...tuple.slice(0, 9), 6]], HELLO, 5, 0],
    ["a text has no length", [tuple.slice(0, 9)], HELLO, 5, 0],
  ] as const)("is damaged where %s", async (_why, tuples, texts, textsBytes, lie) => {
    await using reader = await open(tuples, texts, textsBytes, lie);
    const entries = await readAll(reader);
    expect(entries.length).toBeLessThan(tuples.length);
    expect(reader.missing.length).toBeGreaterThan(0);
  });
});
