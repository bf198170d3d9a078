import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { beforeAll, describe, expect, test } from "vitest";
import { GwTraceError } from "../../src/errors.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { MAGIC, encodeBlockHeader } from "../../src/recording/format.ts";
import type { BlockFacts } from "../../src/recording/format.ts";
import { openRecording, openRecordingBytes } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import {
  eventFrame,
  everyKind,
  readAll,
  readDeferred,
  sampleHeader,
  temporaryFolder,
  textEntry,
} from "./sample.ts";

const packr = new Packr({ useRecords: false });
const header = { formatVersion: 1, toolVersion: "9.9.9", ...sampleHeader };

function block(facts: Partial<BlockFacts>, payload: Uint8Array): Buffer {
  const full: BlockFacts = {
    fileId: 7,
    type: "entries",
    codec: "raw",
    startsWithGap: false,
    inflatedBytes: payload.length,
    entryCount: 1,
    firstEntry: 1,
    firstAtMs: 0,
    lastAtMs: 0,
    ...facts,
  };
  return Buffer.concat([encodeBlockHeader(full, payload), payload]);
}

function headerBlock(value: unknown = header): Buffer {
  return block({ type: "header", entryCount: 0, firstEntry: 0 }, packr.pack(value));
}

/** A file made by hand: magic, header, and what else is given. */
function file(...blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([MAGIC, headerBlock(), ...blocks]);
}

const goodTuple = [5, 0, 0, 1, 0, "fin", null];

/** A recording of some blocks, as bytes, and what is in it. */
let whole: Buffer;
let wholeEntries: readonly Entry[];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-test-"));
  const path = join(folder, "whole.gwtrace");
  const writer = await createRecording(path, sampleHeader);
  const entries: Entry[] = [];
  for (const [index, entry] of everyKind.entries()) {
    entries.push(writer.append(entry));
    if (index % 4 === 3) await writer.flush();
  }
  entries.push(writer.append(textEntry("deflated ".repeat(200), 10)));
  await writer.flush();
  entries.push(writer.append(textEntry(eventFrame("aside ".repeat(200)), 11)));
  await writer.close();
  whole = await readFile(path);
  wholeEntries = entries;
  await rm(folder, { recursive: true });
});

/** Opens and reads bytes; only the errors that are promised may come. */
async function readBytes(
  bytes: Uint8Array,
): Promise<{ entries: Entry[]; missing: readonly string[]; complete: boolean } | null> {
  try {
    await using reader = await openRecordingBytes(bytes, "x");
    const entries = await readAll(reader);
    // Who does not ask for the texts reads the same entries.
    await using another = await openRecordingBytes(bytes, "x");
    expect((await readDeferred(another)).map(({ entry }) => entry)).toEqual(
      entries.map(({ entry }) => entry),
    );
    expect(another.missing).toEqual(reader.missing);
    return { entries, missing: reader.missing, complete: reader.complete };
  } catch (error) {
    if (error instanceof GwTraceError) return null;
    throw error;
  }
}

describe("any prefix of a recording is a recording", () => {
  test("cut at every byte", async () => {
    const headerEnd = whole.indexOf(Buffer.from([0xff, 0x47]), 20);
    for (let length = 0; length < headerEnd; length += 1) {
      expect(await readBytes(whole.subarray(0, length))).toBeNull();
    }
    let most = 0;
    for (let length = headerEnd; length < whole.length; length += 1) {
      const read = await readBytes(whole.subarray(0, length));
      expect(read?.entries).toEqual(wholeEntries.slice(0, read?.entries.length));
      expect(read?.entries.length).toBeGreaterThanOrEqual(most);
      expect(read?.complete).toBe(false);
      most = read?.entries.length ?? 0;
    }
    expect(most).toBe(wholeEntries.length);
  });

  test("says how much of the last block there is", async () => {
    const cut = await readBytes(whole.subarray(0, whole.length - 10));
    expect(cut?.missing).toEqual([
      "the recording was cut short: the last block is incomplete (58 bytes)",
    ]);
  });
});

describe("damage", () => {
  test("any flipped bits: what is read is what was written, and what is lost is told", async () => {
    const flip = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
        const bytes = Buffer.from(whole);
        for (const [at, mask] of flips) bytes[at] = (bytes[at] ?? 0) ^ mask;
        const read = await readBytes(bytes);
        if (read === null) return;
        for (const entry of read.entries) expect(entry).toEqual(wholeEntries[entry.entry - 1]);
        expect(read.entries.length === wholeEntries.length || read.missing.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("one damaged block costs only its own entries, with and without an index", async () => {
    const marker = whole.subarray(8, 16);
    // Blocks: header, header, entries 1-4, entries 5-8, …
    let second = 8;
    for (let i = 0; i < 3; i += 1) second = whole.indexOf(marker, second + 1);
    for (const [length, at] of [
      [whole.length, second + 70],
      [whole.length - 1, second + 70],
      [whole.length - 1, second + 20],
      [whole.length - 1, second],
    ] as const) {
      const bytes = Buffer.from(whole.subarray(0, length));
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      const read = await readBytes(bytes);
      expect(read?.entries).toEqual(wholeEntries.filter(({ entry }) => entry < 5 || entry > 8));
      expect(read?.missing[0]).toBe(`block at byte ${second} is damaged: entries 5-8 are lost`);
    }
  });

  test("a damaged block header is made up for by the index", async () => {
    const bytes = Buffer.from(whole);
    const third = bytes.indexOf(bytes.subarray(8, 16), bytes.indexOf(bytes.subarray(8, 16), 9) + 1);
    bytes.fill(0, third, third + 50);
    expect(await readBytes(bytes)).toEqual({ entries: wholeEntries, missing: [], complete: true });
  });

  test("bytes between blocks are passed over", async () => {
    const bytes = file(
      Buffer.from("what is this?"),
      block({}, packr.pack([goodTuple])),
      Buffer.alloc(3_000_000, 0xff),
      block({ firstEntry: 2 }, packr.pack([goodTuple])),
    );
    const read = await readBytes(bytes);
    expect(read?.entries.map(({ entry }) => entry)).toEqual([1, 2]);
    expect(read?.missing).toHaveLength(2);
  });

  test("a damaged first header is made up for by the second", async () => {
    const bytes = Buffer.from(whole);
    bytes.fill(0, 8, 100);
    expect((await readBytes(bytes))?.entries).toEqual(wholeEntries);
  });

  test.each([
    ["a block that promises more than it holds", { inflatedBytes: 5000 }],
    ["a block that promises less", { inflatedBytes: 3 }],
    ["more entries than it holds", { entryCount: 2, inflatedBytes: null }],
  ])("%s", async (_, facts) => {
    const payload = packr.pack([goodTuple]);
    const deflated = deflateRawSync(payload);
    const inflatedBytes = facts.inflatedBytes ?? payload.length;
    const lying = block({ codec: "deflate", ...facts, inflatedBytes }, deflated);
    const read = await readBytes(file(lying));
    expect(read?.entries).toEqual([]);
    expect(read?.missing[0]).toMatch(/^block at byte \d+ is damaged: entr/);
  });

  test("a decompression bomb is not inflated further than it admits", async () => {
    const bomb = deflateRawSync(Buffer.alloc(200 * 1024 * 1024));
    for (const inflatedBytes of [1000, 200 * 1024 * 1024, 0xffffffff]) {
      const before = process.memoryUsage().rss;
      const read = await readBytes(file(block({ codec: "deflate", inflatedBytes }, bomb)));
      expect(read?.entries).toEqual([]);
      expect(read?.missing).not.toEqual([]);
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    }
  });

  test.each([
    ["no msgpack", Buffer.from([0xc1])],
    ["no array", packr.pack({ a: 1 })],
    ["an array that claims four billion", Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 0x90])],
    ["nested without end", Buffer.alloc(100_000, 0x91)],
  ])("a payload that is %s", async (_, payload) => {
    const read = await readBytes(file(block({}, payload)));
    expect(read?.entries).toEqual([]);
    expect(read?.missing).toEqual([expect.stringMatching(/is damaged: entry 1 is lost/)]);
  });

  test.each([
    ["no tuple", "x"],
    ["an unknown kind", [99, 0, 0, 1]],
    ["a missing field", [5, 0, 0, 1, 0, "fin"]],
    ["a side that is none", [5, 0, 0, 1, 7, "fin", null]],
    ["a way to end that is none", [5, 0, 0, 1, 0, "bang", null]],
    ["headers that are not in pairs", [1, 0, 0, 1, false, "GET", "/", ["a"]]],
    ["a text that is none", [3, 0, 0, 1, false, 0, 1, 0, 5]],
    ["a close code that is none", [3, 0, 0, 1, false, 0, 1, 4, "1000", ""]],
    ["bytes that are none", [3, 0, 0, 1, false, 0, 1, 1, "text"]],
    ["a status that is none", [2, 0, 0, 1, false, -1, "", []]],
    ["a negative count", [6, 0, 0, 0, "r", -1, 0, 0]],
    ["a negative connection", [5, 0, 0, -1, 0, "fin", null]],
  ])("an entry with %s is lost alone", async (_, tuple) => {
    const bytes = file(
      block({ entryCount: 2 }, packr.pack([goodTuple, tuple])),
      block({ firstEntry: 3 }, packr.pack([goodTuple])),
    );
    const read = await readBytes(bytes);
    expect(read?.entries.map(({ entry }) => entry)).toEqual([1, 3]);
    expect(read?.missing).toEqual([
      expect.stringMatching(/^block at byte \d+ holds no valid entry 2: it is lost$/),
    ]);
  });

  test("fields that a later version adds at the end of an entry do no harm", async () => {
    const read = await readBytes(file(block({}, packr.pack([[...goodTuple, "new"]]))));
    expect(read).toMatchObject({ entries: [{ kind: "closed" }], missing: [] });
  });

  test("blocks of another file, or out of order, are not taken for its own", async () => {
    const first = block({ firstEntry: 5 }, packr.pack([goodTuple]));
    const read = await readBytes(
      file(first, first, block({ fileId: 8, firstEntry: 6 }, packr.pack([goodTuple]))),
    );
    expect(read?.entries.map(({ entry }) => entry)).toEqual([5]);
    expect(read?.missing).toEqual([
      expect.stringMatching(/^entries 1-4 are missing before byte/),
      expect.stringMatching(/is out of order/),
      expect.stringMatching(/cut short/),
    ]);
  });

  test("a file full of damage is told of in bounded words", async () => {
    const blocks = Array.from({ length: 500 }, (_, i) =>
      block({ firstEntry: i + 1 }, Buffer.of(0)),
    );
    const read = await readBytes(file(...blocks));
    expect(read?.missing).toHaveLength(51);
    expect(read?.missing.at(-1)).toBe("and 450 more such places");
  });
});

describe("openRecording", () => {
  test.each([
    ["nothing", Buffer.alloc(0), "RECORDING_EMPTY"],
    ["half a magic", Buffer.from(MAGIC.subarray(0, 3)), "RECORDING_EMPTY"],
    ["half a header", file().subarray(0, 80), "RECORDING_EMPTY"],
    ["text", Buffer.from('{"type":"req"}'), "NOT_A_RECORDING"],
    [
      "a header that is none",
      Buffer.concat([MAGIC, headerBlock({ formatVersion: 1 })]),
      "NOT_A_RECORDING",
    ],
    ["a magic before rubbish", Buffer.concat([MAGIC, Buffer.alloc(5000)]), "NOT_A_RECORDING"],
    [
      "a newer format",
      Buffer.concat([MAGIC, headerBlock({ formatVersion: 2, toolVersion: "3.0.0", mood: "new" })]),
      "RECORDING_FROM_THE_FUTURE",
    ],
  ])("refuses %s", async (_, bytes, code) => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    await writeFile(path, bytes);
    await expect(openRecording(path)).rejects.toMatchObject({
      name: "GwTraceError",
      code,
      message: expect.stringContaining(path),
    });
    await expect(openRecordingBytes(bytes, "stdin")).rejects.toMatchObject({ code });
  });

  test("a newer format: names the version that can read it", async () => {
    const bytes = Buffer.concat([MAGIC, headerBlock({ formatVersion: 2, toolVersion: "3.0.0" })]);
    await expect(openRecordingBytes(bytes, "x")).rejects.toMatchObject({
      hint: expect.stringContaining("3.0.0"),
    });
  });

  test("a header may hold more than is known", async () => {
    const bytes = Buffer.concat([MAGIC, headerBlock({ ...header, mood: "fine" })]);
    const read = (await openRecordingBytes(bytes, "x")).header;
    expect(read).toMatchObject(header);
    expect(read).not.toHaveProperty("mood");
  });

  test("names the recording that was probably meant", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "morning.gwtrace"), whole);
    await expect(openRecording(join(folder, "mornign.gwtrace"))).rejects.toMatchObject({
      code: "RECORDING_NOT_FOUND",
      hint: "Did you mean morning?",
    });
    await expect(openRecording(join(folder, "no", "such.gwtrace"))).rejects.toMatchObject({
      code: "RECORDING_NOT_FOUND",
    });
  });

  test("a folder is no recording", async () => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    await mkdir(path);
    await expect(openRecording(path)).rejects.toMatchObject({ code: "NOT_A_RECORDING" });
  });
});

describe("RecordingReader", () => {
  test("random access equals sequential reading", async () => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    const writer = await createRecording(path, sampleHeader);
    for (let i = 0; i < 3000; i += 1) writer.append(textEntry(`${i} `.repeat(100), i));
    await writer.close();
    await using reader = await openRecording(path);
    const all = await readAll(reader);
    expect(all).toHaveLength(3000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -5, max: 3005 }), fc.nat(900), async (first, count) => {
        const slice = all.filter(({ entry }) => entry >= first && entry < first + count);
        expect(await reader.read(first, count)).toEqual(slice);
      }),
      { numRuns: 60 },
    );
  });

  test("reads a recording whose index has many pages as one without an index", async () => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    const writer = await createRecording(path, sampleHeader);
    for (let i = 0; i < 2600; i += 1) {
      writer.append(textEntry("a", i));
      await writer.flush();
    }
    await writer.close();
    const bytes = await readFile(path);
    const indexed = await openRecordingBytes(bytes, "x");
    const scanned = await openRecordingBytes(bytes.subarray(0, -1), "x");
    expect([indexed.complete, scanned.complete]).toEqual([true, false]);
    expect(indexed.entryCount).toBe(2600);
    expect(await indexed.read(2599, 9)).toEqual(await scanned.read(2599, 9));
    expect(await readAll(indexed)).toEqual(await readAll(scanned));
  });

  test("follows a recording while it is written, and sees its end", async () => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    const writer = await createRecording(path, sampleHeader);
    await using reader = await openRecording(path);
    expect(await reader.refresh()).toBe(0);
    const seen: Entry[] = [];
    const written: Entry[] = [];
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < 50; i += 1)
        written.push(writer.append(textEntry(`${round} ${i}`.repeat(60))));
      await writer.flush();
      const came = await reader.refresh();
      seen.push(...(await reader.read(seen.length + 1, came)));
    }
    expect(seen).toEqual(written);
    expect(reader).toMatchObject({ complete: false, missing: [] });
    await writer.close();
    expect(await reader.refresh()).toBe(0);
    expect(reader).toMatchObject({ complete: true, missing: [] });
  });

  test("half a block at the end is no damage while the file grows", async () => {
    const path = join(await temporaryFolder(), "a.gwtrace");
    const last = block({ firstEntry: 2 }, packr.pack([goodTuple]));
    const start = file(block({}, packr.pack([goodTuple])));
    await writeFile(path, start);
    await using reader = await openRecording(path);
    await writeFile(path, last.subarray(0, 70), { flag: "a" });
    expect(await reader.refresh()).toBe(0);
    expect(reader.missing).toEqual([]);
    expect(await reader.refresh()).toBe(0);
    expect(reader.missing).toEqual([expect.stringMatching(/cut short/)]);
    await writeFile(path, last.subarray(70), { flag: "a" });
    expect(await reader.refresh()).toBe(1);
    expect(reader.missing).toEqual([]);
    expect(await readAll(reader)).toHaveLength(2);
  });
});

describe("reading on", () => {
  test("gives the same entries by block, by entry and from the end", async () => {
    await using reader = await openRecordingBytes(whole, "x");
    const byBlock: Entry[] = [];
    for await (const part of reader.blocks()) byBlock.push(...part);
    expect(byBlock).toEqual(wholeEntries);
    expect(await readAll(reader)).toEqual(wholeEntries);
    for (const count of [1, 2, 5, wholeEntries.length, wholeEntries.length + 10])
      expect(await reader.last(count)).toEqual(wholeEntries.slice(-count));
  });

  test("finds in a file what was added to it since it read ahead", async () => {
    const path = join(await temporaryFolder(), "grows.gwtrace");
    const writer = await createRecording(path, sampleHeader);
    const written: Entry[] = [];
    const add = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        written.push(writer.append(textEntry(`${i} `.repeat(400), written.length)));
        await writer.flush();
      }
    };
    await add(3);
    await using reader = await openRecording(path);
    const found = await readAll(reader);
    for (const more of [1, 2, 40]) {
      await add(more);
      const count = await reader.refresh();
      found.push(...(await reader.read(found.length + 1, count)));
    }
    await writer.close();
    expect(found).toEqual(written);
  });
});
