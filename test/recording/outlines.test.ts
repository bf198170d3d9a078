import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/recording/byte-source.ts";
import { decodeBlock } from "../../src/recording/block.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { scanBlocks, type BlockRef } from "../../src/recording/find-blocks.ts";
import { BLOCK_HEADER_BYTES, MAGIC, encodeBlockHeader } from "../../src/recording/format.ts";
import { openRecording, openRecordingBytes } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readTrace } from "../../src/trace/read.ts";
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
const LONG = "x".repeat(600);
const FILLING = 25;

async function write(entries: readonly NewEntry[]): Promise<string> {
  const path = join(await temporaryFolder(), "a.gwtrace");
  await using writer = await createRecording(path, sampleHeader);
  for (const entry of entries) writer.append(entry);
  return path;
}

/** So much of it that its block is worth an index. */
function filled(...entries: readonly NewEntry[]): readonly NewEntry[] {
  const filling = Array.from({ length: FILLING }, (_, at) =>
    textEntry(eventFrame([at, LONG.repeat(3)]), at),
  );
  return [...entries, ...filling];
}

function blocksOf(bytes: Buffer): readonly BlockRef[] {
  const scanned = [...scanBlocks(bytesSource(bytes), MAGIC.length, bytes.length, null)];
  return scanned.flatMap((one) => (one.found === "block" ? [one.block] : []));
}

const frame = (value: unknown): string => JSON.stringify(value);

/** What the index tells of a text; null where the text stands whole. */
async function outlineOfText(text: string): Promise<unknown> {
  await using reader = await openRecording(await write(filled(textEntry(text))));
  const [entry] = await readDeferred(reader);
  if (entry?.kind !== "message" || entry.message.type !== "text") throw new Error("no text");
  expect(entry.message.text).toBe(text);
  return entry.outline?.frame ?? null;
}

describe("the index tells of a text", () => {
  test.each([
    [
      "a request's name, and what tells whose run it is",
      { type: "req", id: "1", method: "agent", params: { message: LONG, idempotencyKey: "k", deviceId: "d" } },
      { type: "req", id: "1", method: "agent", params: { idempotencyKey: "k", deviceId: "d" }, traceparent: null },
    ],
    [
      "no more of a request without these",
      { type: "req", id: "1", method: "chat.send", params: [LONG] },
      { type: "req", id: "1", method: "chat.send", params: undefined, traceparent: null },
    ],
    [
      "whether a good answer promises another one",
      { type: "res", id: "1", ok: true, payload: { status: "accepted", note: LONG } },
      { type: "res", id: "1", ok: true, payload: { status: "accepted" }, error: null },
    ],
    [
      "that another one does not",
      { type: "res", id: "1", ok: true, payload: LONG },
      { type: "res", id: "1", ok: true, payload: undefined, error: null },
    ],
    [
      "an event's name and number",
      { type: "event", event: "chat", payload: LONG, seq: 3 },
      { type: "event", event: "chat", payload: undefined, seq: 3 },
    ],
  ])("%s", async (_what, sent, noted) => {
    expect(await outlineOfText(frame(sent))).toEqual(noted);
  }); // prettier-ignore

  test.each([
    ["a connect", { type: "req", id: "1", method: "connect", params: { note: LONG } }],
    ["a request for scopes", { type: "req", id: "1", method: "x", params: { scopes: [LONG] } }],
    [
      "a request in a span",
      { type: "req", id: "1", method: "x", params: LONG, traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    ],
    ["a hello of another kind", { type: "res", id: "1", ok: true, payload: { type: "hello-ok", note: LONG } }],
    ["a hello", { type: "res", id: "1", ok: true, payload: { auth: {}, note: LONG } }],
    ["a refusal", { type: "res", id: "1", ok: false, error: { code: "X", message: LONG } }],
    ["no frame", { type: "other", note: LONG }],
  ])("nothing where it is %s", async (_what, sent) => {
    expect(await outlineOfText(frame(sent))).toBeNull();
  }); // prettier-ignore

  test("nothing where it is no JSON, or very long", async () => {
    expect(await outlineOfText(LONG)).toBeNull();
    expect(await outlineOfText(eventFrame("x".repeat(1024 * 1024)))).toBeNull();
  });
});

const half = fc.string({ unit: fc.constantFrom("\ud83e", "\udd9e", "a"), maxLength: 4 });
const word = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), half);
const text = fc.oneof(
  fc.json().map((value) => eventFrame([value, LONG])),
  fc.string({ unit: "binary", maxLength: 900 }),
  fc
    .tuple(word, word, fc.nat(2000))
    .map(([id, method, length]) =>
      frame({ type: "req", id, method, params: { message: "é".repeat(length) } }),
    ),
  fc
    .constantFrom("-0", "0.5", "1e21", "-7")
    .map((seq) => `{"type":"event","event":"x","payload":"${LONG}","seq":${seq}}`),
  fc.boolean().map((ok) => frame({ type: "res", id: "1", ok, payload: LONG })),
);

describe("a recording with an index", () => {
  test("is the same for who reads all texts and who asks for each", async () => {
    let indexed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 12 }), async (texts) => {
        const entries = texts.map((one, index) => ({
          ...textEntry(one, 10 + index),
          from: index % 2 === 0 ? ("client" as const) : ("gateway" as const),
        }));
        await using reader = await openRecording(
          await write([...everyKind, ...filled(...entries)]),
        );
        const all = await readAll(reader);
        const deferred = await readDeferred(reader);
        indexed += deferred.filter((entry) => entry.kind === "message" && entry.outline).length;
        const asked = deferred.map((entry): Entry => {
          if (entry.kind !== "message" || entry.message.type !== "text") return entry;
          const { outline: _, message, ...rest } = entry;
          return { ...rest, message: { type: "text", text: message.text } };
        });
        expect(asked).toEqual(all);
        for await (const _ of reader.blocks({ checkIndex: true }));
        expect(reader.missing).toEqual([]);
        expect(await readTrace(reader)).toEqual(await readTrace(reader, reader.blocks()));
      }),
      { numRuns: 60 },
    );
    expect(indexed).toBeGreaterThan(0);
  });

  test("notices the same message twice in a row without its text", async () => {
    const twice = [eventFrame(LONG), eventFrame(LONG), eventFrame(`${LONG}!`)];
    const entries = twice.map((one, index) => ({ ...textEntry(one, index), from: "gateway" as const }));
    await using reader = await openRecording(await write(filled(...entries)));
    const [connection] = (await readTrace(reader)).connections;
    const repeated = connection?.oddities.filter(({ kind }) => kind === "repeated-message");
    expect(repeated?.map(({ entry }) => entry)).toEqual([2]);
  }); // prettier-ignore

  test("has one only where it spares much", async () => {
    const typesOf = async (entries: readonly NewEntry[]) =>
      blocksOf(await readFile(await write(entries))).map(({ header }) => header.type);
    const around = (...types: readonly string[]) => ["header", "header", ...types, "index", "end"];
    expect(await typesOf(filled())).toEqual(around("entries", "outlines"));
    expect(await typesOf(filled().slice(0, 8))).toEqual(around("entries"));
    expect(await typesOf(filled(textEntry("no frame ".repeat(1500))))).toEqual(around("entries"));
  });
});

/** The recording with its index block changed, thrown away, or put elsewhere; without the index of blocks, which is another one. */
async function withIndex(change: Change): Promise<Buffer> {
  const whole = await readFile(await write([...everyKind, ...filled()]));
  const pieces: Buffer[] = [whole.subarray(0, MAGIC.length)];
  for (const { offset, header } of blocksOf(whole)) {
    const stored = whole.subarray(offset, offset + BLOCK_HEADER_BYTES + header.payloadBytes);
    if (header.type !== "outlines") {
      if (header.type === "entries" || header.type === "header") pieces.push(stored);
      continue;
    }
    const content = await decodeBlock(header, stored);
    pieces.push(...change(content?.payload ?? Buffer.alloc(0), header));
  }
  return Buffer.concat(pieces);
}

function sealed(payload: Buffer, header: BlockRef["header"], facts = {}): Buffer {
  const all = { ...header, codec: "raw", inflatedBytes: payload.length, ...facts } as const;
  return Buffer.concat([encodeBlockHeader(all, payload), payload]);
}

function tuplesIn(payload: Buffer): unknown[][] {
  return packr.unpack(payload);
}

/** Something else in the place of the index; `payload` is what it holds. */
type Change = (payload: Buffer, header: BlockRef["header"]) => readonly Buffer[];

/** The last tuple of the index with another field. */
function withField(field: number, value: unknown): Change {
  return (payload, header) => {
    const tuples = tuplesIn(payload);
    const tuple = tuples.at(-1);
    if (tuple !== undefined) tuple[field] = value;
    return [sealed(packr.pack(tuples), header)];
  };
}

const CHANGES: readonly (readonly [string, Change])[] = [
  ["that was thrown away", () => []],
  ["that is no msgpack", (_, header) => [sealed(Buffer.alloc(200, 0xc1), header)]],
  ["that was cut short", (payload, header) => [sealed(payload.subarray(0, -3), header)]],
  [
    "of fewer entries",
    (payload, header) => [sealed(packr.pack(tuplesIn(payload).slice(1)), header)],
  ],
  ["of another block", (payload, header) => [sealed(payload, header, { firstEntry: 2 })]],
  ["that is there twice", (payload, header) => [sealed(payload, header), sealed(payload, header)]],
  ["whose outline is of no type", withField(10, 7)],
  ["without a checksum", withField(9, null)],
  ["with a name that is none", withField(11, 5)],
  ["with a number that is none", withField(12, "1")],
];

describe("an index", () => {
  test.each(CHANGES)("%s makes no difference to what is read", async (_what, change) => {
    await using reader = await openRecordingBytes(await withIndex(change), "x");
    const all = await readAll(reader);
    expect(all).toHaveLength(everyKind.length + FILLING);
    const texts = (entries: readonly Entry[]) =>
      entries.map((entry) =>
        entry.kind === "message" && entry.message.type === "text" ? entry.message.text : entry.kind,
      );
    expect(texts(await readDeferred(reader))).toEqual(texts(all));
    expect(reader.missing).toEqual([]);
  });

  test("that says something else than the texts is told of when it is checked", async () => {
    const lying = await withIndex(withField(12, 99));
    for (const [bytes, told] of [[lying, 1], [await withIndex((p, header) => [sealed(p, header)]), 0]] as const) {
      await using reader = await openRecordingBytes(bytes, "x");
      for await (const _ of reader.blocks({ checkIndex: true }));
      expect(reader.missing.filter((line) => line.startsWith("the index after byte"))).toHaveLength(told);
    }
  }); // prettier-ignore

  test("does not hide that the texts behind it cannot be read", async () => {
    const whole = await readFile(await write(filled()));
    const pieces = blocksOf(whole).flatMap(({ offset, header }) => {
      const stored = whole.subarray(offset, offset + BLOCK_HEADER_BYTES + header.payloadBytes);
      if (header.type !== "entries") return [stored];
      const junk = Buffer.alloc(200, "this was never deflated");
      return [encodeBlockHeader({ ...header, codec: "deflate" }, junk), junk];
    });
    await using reader = await openRecordingBytes(Buffer.concat([MAGIC, ...pieces]), "x");
    const [entry] = await readDeferred(reader);
    if (entry?.kind !== "message" || entry.message.type !== "text") throw new Error("no text");
    expect(entry.message.text).toBe("");
    expect(reader.missing).toEqual([expect.stringContaining("is damaged: entries 1-25 are lost")]);
  });
});
