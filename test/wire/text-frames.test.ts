import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TextFrames } from "../../src/wire/text-frames.ts";
import { closeBody, frame } from "./frames.ts";
import type { Side } from "../../src/wire/message.ts";

/** What is read of bytes that begin anywhere in their memory. */
function read(
  from: Side,
  bytes: Buffer,
  before = 0,
): { taken: number; texts: [string, number][]; left: Buffer } {
  const memory = Buffer.alloc(before + bytes.length);
  memory.set(bytes, before);
  const texts: [string, number][] = [];
  const frames = new TextFrames(from, 100_000, (text, sizeBytes) => texts.push([text, sizeBytes]));
  const lent = memory.subarray(before);
  const taken = frames.read(lent);
  return { taken, texts, left: lent.subarray(taken) };
}

const aSide = fc.constantFrom<Side>("client", "gateway");
const aText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.integer({ min: 0, max: 70_000 }).map((length) => "é".repeat(length / 2)),
);

describe("text messages in one frame", () => {
  test("are read as they were sent, wherever they lie", () => {
    const anOffset = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(aSide, fc.array(aText, { maxLength: 5 }), anOffset, (from, texts, before) => {
        const masked = from === "client";
        const bytes = Buffer.concat(texts.map((text) => frame(text, { masked })));
        const result = read(from, bytes, before);
        expect(result.texts).toEqual(texts.map((text) => [text, Buffer.byteLength(text)]));
        expect(result.taken).toBe(bytes.length);
      }),
    );
  });

  test("are read only when they are UTF-8, and left as they were else", () => {
    const someBytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(aSide, someBytes, (from, payload) => {
        const bytes = frame(payload, { masked: from === "client" });
        const { taken, left } = read(from, Buffer.from(bytes), 3);
        expect(taken).toBe(isUtf8(payload) ? bytes.length : 0);
        expect(left).toEqual(taken === 0 ? bytes : Buffer.alloc(0));
      }),
    );
  });

  test("that hold the replacement character are texts like any other", () => {
    expect(read("gateway", frame("a \ufffd b")).texts).toEqual([["a \ufffd b", 7]]);
  });

  test.each<[string, Side, Buffer]>([
    ["half a head", "gateway", frame("x".repeat(200)).subarray(0, 3)],
    ["half a payload", "client", frame("hello", { masked: true }).subarray(0, 8)],
    ["a client's without a mask", "client", frame("hello")],
    ["a Gateway's with a mask", "gateway", frame("hello", { masked: true })],
    ["a fragment", "gateway", frame("hello", { fin: false })],
    ["the end of a fragmented message", "gateway", frame("hello", { opcode: 0 })],
    ["a compressed one", "gateway", frame("hello", { reserved: 4 })],
    ["a binary one", "gateway", frame("hello", { opcode: 2 })],
    ["a close", "gateway", frame(closeBody(1000), { opcode: 8 })],
    ["one that is too large", "gateway", frame("x".repeat(100_001))],
  ])("are told from %s, which is left as it was", (_name, from, bytes) => {
    const whole = frame("before", { masked: from === "client" });
    const { taken, texts, left } = read(from, Buffer.concat([whole, bytes]));
    expect(taken).toBe(whole.length);
    expect(texts).toEqual([["before", 6]]);
    expect(left).toEqual(bytes);
  });
});
