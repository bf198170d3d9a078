import fc from "fast-check";
import { expect, test } from "vitest";
import { pairItems } from "../../src/diff/pair-items.ts";

const item = (a: string, b: string | null = null) => ({ a, b });
const KEYS = [({ a, b }: ReturnType<typeof item>) => (b === null ? null : a + b), ({ a }: { a: string }) => a]; // prettier-ignore

test("pairs by the closest key first, in order, and keeps what is left over", () => {
  const [x1, x2, y] = [item("x", "1"), item("x", "2"), item("y")];
  const [other2, otherX, z] = [item("x", "2"), item("x"), item("z")];
  expect(pairItems([x1, x2, y], [z, otherX, other2], KEYS)).toEqual([
    { a: x1, b: otherX },
    { a: x2, b: other2 },
    { a: y, b: null },
    { a: null, b: z },
  ]);
});

test("every item is in exactly one pair, whatever the keys", () => {
  const items = fc.array(
    fc.record({ a: fc.constantFrom("x", "y"), b: fc.constantFrom("1", null) }),
  );
  fc.assert(
    fc.property(items, items, (left, right) => {
      const pairs = pairItems(left, right, KEYS);
      expect(pairs.flatMap(({ a }) => (a === null ? [] : [a]))).toEqual(left);
      expect(new Set(pairs.flatMap(({ b }) => (b === null ? [] : [b])))).toEqual(new Set(right));
    }),
  );
});
