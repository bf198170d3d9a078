import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { contradictsText } from "../../src/recording/check-outline.ts";
import { scanBlocks } from "../../src/recording/block-scan.ts";
import { bytesSource } from "../../src/recording/byte-source.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { MAGIC, encodeBlockHeader } from "../../src/recording/format.ts";
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

async function write(entries: readonly NewEntry[]): Promise<string> {
  const path = join(await temporaryFolder(), "a.gwtrace");
  await using writer = await createRecording(path, sampleHeader);
  for (const entry of entries) writer.append(entry);
  return path;
}

const frame = (value: unknown): string => JSON.stringify(value);

/** The text and what is noted of it; null where it is not set aside. */
async function outlineOfText(text: string): Promise<unknown> {
  await using reader = await openRecording(await write([textEntry(text)]));
  const [entry] = await readDeferred(reader);
  if (entry?.kind !== "message" || entry.message.type !== "text") throw new Error("no text");
  expect(entry.message.text).toBe(text);
  expect(contradictsText(entry)).toBe(false);
  return entry.outline?.frame ?? null;
}

describe("of a long text is noted", () => {
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
    ["a name longer than all else", { type: "event", event: LONG, payload: 1 }],
  ])("nothing where it is %s", async (_what, sent) => {
    expect(await outlineOfText(frame(sent))).toBeNull();
  }); // prettier-ignore

  test("nothing where it is no JSON, short, or very long", async () => {
    expect(await outlineOfText(LONG)).toBeNull();
    expect(await outlineOfText(eventFrame("short"))).toBeNull();
    expect(await outlineOfText(eventFrame("x".repeat(1024 * 1024)))).toBeNull();
  });
});

describe("a recording with texts aside", () => {
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
      .constantFrom(-0, 0.5, 1e21, -7)
      .map(
        (seq) =>
          `{"type":"event","event":"x","payload":"${LONG}","seq":${Object.is(seq, -0) ? "-0" : seq}}`,
      ),
    fc.boolean().map((ok) => frame({ type: "res", id: "1", ok, payload: LONG })),
  );

  test("is the same for who reads all texts and who asks for each", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 12 }), async (texts) => {
        const entries = texts.map((one, index) => ({
          ...textEntry(one, 10 + index),
          from: index % 2 === 0 ? ("client" as const) : ("gateway" as const),
        }));
        await using reader = await openRecording(await write([...everyKind, ...entries]));
        const all = await readAll(reader);
        const deferred = await readDeferred(reader);
        const asked = deferred.map((entry): Entry => {
          if (entry.kind !== "message" || entry.message.type !== "text") return entry;
          expect(contradictsText(entry)).toBe(false);
          const { outline: _, message, ...rest } = entry;
          return { ...rest, message: { type: "text", text: message.text } };
        });
        expect(asked).toEqual(all);
        expect(reader.missing).toEqual([]);
        expect(await readTrace(reader)).toEqual(await readTrace(reader, reader.blocks()));
      }),
      { numRuns: 60 },
    );
  });

  test("notices the same message twice in a row without its text", async () => {
    const twice = [eventFrame(LONG), eventFrame(LONG), eventFrame(`${LONG}!`)];
    const entries = twice.map((one, index) => ({ ...textEntry(one, index), from: "gateway" as const }));
    await using reader = await openRecording(await write(entries));
    const [connection] = (await readTrace(reader)).connections;
    const repeated = connection?.oddities.filter(({ kind }) => kind === "repeated-message");
    expect(repeated?.map(({ entry }) => entry)).toEqual([2]);
  }); // prettier-ignore

  test("has blocks of a codec of their own, which hold both", async () => {
    const path = await write([textEntry(eventFrame(LONG)), textEntry(eventFrame("short"), 2)]);
    const bytes = await readFile(path);
    const blocks = [...scanBlocks(bytesSource(bytes), MAGIC.length, bytes.length, null)];
    const codecs = blocks.flatMap((scanned) =>
      scanned.found === "block" && scanned.block.header.type === "entries"
        ? [scanned.block.header.codec]
        : [],
    );
    expect(codecs).toEqual(["texts-aside"]);
  });
});

describe("a forged block", () => {
  const outline = [2, 0, "chat", null];
  const tuple = [3, 0, 0, 1, false, 1, 5, 0, null, 5, outline];
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
    const [entry] = await readDeferred(reader);
    expect(entry?.kind === "message" && contradictsText(entry)).toBe(true);
  });

  test.each([
    ["there are more texts than its entries have", [tuple], HELLO, 6, 0],
    ["there are fewer", [tuple, tuple], HELLO, 5, 0],
    ["its texts are not deflated", [tuple], Buffer.from("hello"), 5, 0],
    ["its texts are others than it promises", [tuple], deflateRawSync("hello!"), 5, 0],
    ["it lies about the length of its tuples", [tuple], HELLO, 5, 3],
    ["it promises less than nothing", [tuple], HELLO, 0, 1000],
  ] as const)("is damaged where %s", async (_why, tuples, texts, textsBytes, lie) => {
    await using reader = await open(tuples, texts, textsBytes, lie);
    const entries = await readAll(reader);
    expect(entries.length).toBeLessThan(tuples.length);
    expect(reader.missing.length).toBeGreaterThan(0);
  });

  test.each([
    ["a text that is longer than all there are", [...tuple.slice(0, 9), 6, outline]],
    ["an outline that is none", [...tuple.slice(0, 10), [3, 0, "chat", null]]],
    ["an outline without a checksum", [...tuple.slice(0, 10), [2, null, "chat", null]]],
    ["an outline with another type of number", [...tuple.slice(0, 10), [2, 0, "chat", "1"]]],
  ])("loses the entry that has %s", async (_what, bad) => {
    await using reader = await open([bad], HELLO, 5);
    expect(await readAll(reader)).toEqual([]);
    expect(reader.missing.length).toBeGreaterThan(0);
  });

  test("whose texts cannot be inflated tells so when they are asked for", async () => {
    await using reader = await open([tuple], Buffer.from("hello"), 5);
    const [entry] = await readDeferred(reader);
    if (entry?.kind !== "message" || entry.message.type !== "text") throw new Error("no text");
    expect(reader.missing).toEqual([]);
    expect(entry.message.text).toBe("");
    expect(reader.missing).toEqual([expect.stringContaining("is damaged: entry 1 is lost")]);
  });
});
