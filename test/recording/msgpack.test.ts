import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue, MAX_VALUES } from "../../src/recording/msgpack.ts";

const packr = new Packr({ useRecords: false });

/** What a tuple may be made of. */
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 70_000, size: "max" }),
  fc.uint8Array({ maxLength: 70_000, size: "max" }).map((bytes) => Buffer.from(bytes)),
);
const value = fc.oneof(
  leaf,
  fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 20 })), { maxLength: 20 }),
  fc.dictionary(fc.string({ maxLength: 300 }), leaf, { noNullPrototype: true }),
);

describe("a value", () => {
  test("of any kind that recordings hold reads back, and nothing does that is longer or shorter", () => {
    fc.assert(
      fc.property(value, fc.nat(), (one, cut) => {
        const bytes = encodeValue(one);
        // A text may hold half a character, which UTF-8 cannot; bytes come back as another kind of list.
        const readBack = JSON.stringify(packr.unpack(bytes));
        expect(JSON.stringify(decodeValue(bytes))).toBe(readBack);
        expect(decodeValue(Buffer.concat([bytes, Buffer.of(1)]))).toBeUndefined();
        expect(decodeValue(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  const nested = (depth: number): Buffer =>
    Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.of(0)]);
  const list = (count: number, ofEach: number): Buffer => {
    const head = Buffer.of(0xdd, 0, 0, 0, 0);
    head.writeUInt32BE(count, 1);
    return Buffer.concat([head, Buffer.alloc(count, ofEach)]);
  };

  test("with as many values as a recording may have is read, and one with more is not", () => {
    expect(decodeValue(list(MAX_VALUES - 1, 0xc0))).toHaveLength(MAX_VALUES - 1);
    expect(decodeValue(list(MAX_VALUES, 0xc0))).toBeUndefined();
    expect(decodeValue(nested(8))).toEqual([[[[[[[[0]]]]]]]]);
    expect(decodeValue(nested(9))).toBeUndefined();
  });

  test.each([
    ["a list that promises more than there is", Buffer.of(0xdd, 0, 0, 1, 0, 0xc0)],
    ["a short list that does", Buffer.of(0xdc, 0, 9, 0xc0)],
    ["a map that does", Buffer.of(0xdf, 0, 0, 1, 0, 0xc0)],
    ["a short map that does", Buffer.of(0xde, 0, 1, 0xc0)],
    ["a text that does", Buffer.of(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ["bytes that do", Buffer.of(0xc6, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ["an extension", Buffer.of(0xd4, 0x72, 0x40)],
    ["a long extension", Buffer.of(0xc7, 1, 0x62, 0)],
    ["a head that is none", Buffer.of(0xc1)],
    ["a head without its length", Buffer.of(0xda, 1)],
    ["nothing", Buffer.alloc(0)],
  ])("that is %s is none", (_what, bytes) => {
    expect(decodeValue(bytes)).toBeUndefined();
  });

  test("where nothing is, is told from none", () => {
    expect(decodeValue(encodeValue([undefined, 1]))).toEqual([undefined, 1]);
  });
});
