import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { FrameWalker } from "../../src/wire/frame-walker.ts";
import { frame } from "./frames.ts";

const LIMIT = 1000;

/** Walks over pieces of the bytes and says at which places, counted from the start, messages ended. */
function boundaries(bytes: Buffer, cuts: readonly number[]): number[] {
  const walker = new FrameWalker("gateway", LIMIT);
  const found: number[] = [];
  const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].toSorted(
    (a, b) => a - b,
  );
  for (const [index, start] of places.entries()) {
    const piece = bytes.subarray(start, places[index + 1] ?? start);
    let at = 0;
    while (at < piece.length) {
      at = walker.walk(piece, at, "boundary");
      if (walker.isBetween) found.push(start + at);
      // From a boundary on, only another goal leads further.
      if (at < piece.length) at = walker.walk(piece.subarray(0, at + 1), at, "end");
      if (at === piece.length && walker.isBetween) found.push(start + at);
    }
  }
  return [...new Set(found)].filter((place) => place > 0);
}

describe("FrameWalker", () => {
  test("finds the end of every message, however the bytes are cut", () => {
    const messages = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 });
    const cuts = fc.array(fc.nat(5000), { maxLength: 12 });
    fc.assert(
      fc.property(messages, cuts, (sizes, at) => {
        const frames = sizes.map((size) => frame("x".repeat(size)));
        let end = 0;
        const ends = frames.map((one) => (end += one.length));
        expect(boundaries(Buffer.concat(frames), at)).toEqual(ends);
      }),
    );
  });

  test("counts messages, not their fragments, and control frames between them", () => {
    const walker = new FrameWalker("client", LIMIT);
    const bytes = Buffer.concat([
      frame("a", { masked: true, fin: false }),
      frame("", { masked: true, opcode: 9 }),
      frame("b", { masked: true, opcode: 0 }),
      frame("c", { masked: true }),
    ]);
    for (const byte of bytes) walker.walk(Uint8Array.of(byte), 0, "end");
    expect(walker.takeEnded()).toBe(3);
    expect(walker.takeEnded()).toBe(0);
    expect(walker.isBetween).toBe(true);
  });

  test("stops before the frame that makes a message too large, and goes on after that message", () => {
    const walker = new FrameWalker("gateway", LIMIT);
    const small = frame("small");
    const part = frame("x".repeat(600), { fin: false });
    const rest = frame("x".repeat(600), { opcode: 0 });
    const bytes = Buffer.concat([small, part, rest, small]);
    const stopped = walker.walk(bytes, 0, "oversized");
    expect(stopped).toBe(small.length + part.length);
    expect(walker.isOversized).toBe(true);
    expect(walker.walk(bytes, stopped, "boundary")).toBe(bytes.length - small.length);
    expect(walker.isOversized).toBe(false);
  });

  test.each([
    ["a masked frame from the Gateway", frame("x", { masked: true })],
    ["an unknown opcode", frame("x", { opcode: 3 })],
    ["a reserved bit", frame("x", { reserved: 1 })],
  ])("gives up after %s", (_name, bytes) => {
    const walker = new FrameWalker("gateway", LIMIT);
    expect(walker.walk(bytes, 0, "end")).toBe(bytes.length);
    expect(walker.isLost).toBe(true);
    expect(walker.isBetween).toBe(false);
  });
});
