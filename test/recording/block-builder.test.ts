import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { BlockBuilder } from "../../src/recording/block-builder.ts";
import { decodeEntries } from "../../src/recording/entry-codec.ts";
import { decodeValue } from "../../src/recording/msgpack.ts";
import { ENTRY_OVERHEAD_BYTES, entryBytes } from "../../src/recorder/entry-size.ts";
import { writeInteger, writeText } from "../../src/recording/msgpack-forms.ts";
import { everyKind, textEntry } from "./sample.ts";
import type { NewEntry } from "../../src/recording/entry.ts";

function build(builder: BlockBuilder, entries: readonly NewEntry[]): Buffer {
  for (const entry of entries) builder.add(entry, entryBytes(entry));
  const built = builder.take();
  expect(built?.entryCount).toBe(entries.length);
  return built?.payload ?? Buffer.alloc(0);
}

const jumpy: readonly NewEntry[] = [0, 1, 31, 32, 255, 256, 65_535, 65_536, 400_000].map(
  (length, index) => ({
    ...textEntry("ü".repeat(length / 2) + "x".repeat(length % 2)),
    atMs: index === 3 ? 1e9 : index,
    wallMs: index % 2 === 0 ? 1e12 + index : 5,
    connection: 10 ** index,
    redacted: index % 2 === 0,
    from: index % 3 === 0 ? "gateway" : "client",
  }),
);

describe("a block", () => {
  test.each([
    ["every kind of entry", everyKind],
    ["texts of every length, and clocks that jump", jumpy],
  ])("of %s reads back", (_name, entries) => {
    const builder = new BlockBuilder();
    for (let round = 0; round < 3; round += 1) {
      const payload = build(builder, entries);
      const decoded = decodeEntries(payload, 5, entries.length);
      const numbered = entries.map((entry, index) => ({ ...entry, entry: 5 + index }));
      expect(decoded).toEqual({ entries: numbered, unreadable: [] });
      // The next one lies in the same memory.
      builder.recycle(payload);
    }
  });

  test("takes no more room than its entries say", () => {
    for (const entry of [...everyKind, ...jumpy]) {
      const sizeBytes = build(new BlockBuilder(), [entry]).length;
      expect(sizeBytes - 5).toBeLessThanOrEqual(entryBytes(entry));
      expect(entryBytes(entry)).toBeGreaterThanOrEqual(ENTRY_OVERHEAD_BYTES);
    }
  });

  test("is none before something is added, and after clearing", () => {
    const builder = new BlockBuilder();
    expect(builder.take()).toBeNull();
    builder.add(textEntry("a"), 200);
    builder.clear();
    expect([builder.take(), builder.isEmpty, builder.sizeBytes]).toEqual([null, true, 0]);
  });
});

describe("msgpack", () => {
  const bytes = Buffer.alloc(300_000);

  test.each([
    0,
    1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    -1,
    -5_000_000_000,
  ])("the number %d reads back", (value) => {
    expect(decodeValue(bytes.subarray(0, writeInteger(bytes, 0, value)))).toBe(value);
  });

  test.each([0, 31, 32, 255, 256, 65_535, 65_536])("a text of %d is as msgpackr's", (length) => {
    const text = "x".repeat(length);
    const packed = bytes.subarray(0, writeText(bytes, 0, text));
    expect(decodeValue(packed)).toBe(text);
    // Of several forms msgpackr does not always take the shortest.
    expect(packed.length).toBeLessThanOrEqual(new Packr().pack(text).length);
  });

  test("half of a surrogate pair is what UTF-8 makes of it", () => {
    const packed = bytes.subarray(0, writeText(bytes, 0, "a\ud800b"));
    expect(decodeValue(packed)).toBe("a\ufffdb");
  });
});
