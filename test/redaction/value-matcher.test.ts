import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MIN_CHARACTERS, ValueMatcher } from "../../src/redaction/value-matcher.ts";

const always = () => true;

/** What is found, the slow and plain way: at each place the longest, and then what comes after it. */
function findPlainly(text: string, values: readonly string[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length;) {
    const here = values.filter((value) => text.startsWith(value, at));
    const longest = here.toSorted((left, right) => right.length - left.length)[0];
    if (longest !== undefined) found.push(longest);
    at += longest?.length ?? 1;
  }
  return found;
}

function matcherOf(values: readonly string[]): ValueMatcher<string> {
  const matcher = new ValueMatcher<string>();
  for (const value of values) matcher.add(value, value);
  return matcher;
}

const letters = fc.constantFrom("a", "b", "é", "0");
const value = fc.oneof(
  fc.string({ unit: letters, minLength: MIN_CHARACTERS, maxLength: 5 }),
  fc.string({ unit: letters, minLength: 6, maxLength: 12 }),
  fc.string({ unit: letters, minLength: 16, maxLength: 40 }),
);

test("values of one length class are found from left to right, the longest first", () => {
  for (const [minLength, maxLength] of [
    [4, 5],
    [6, 12],
    [16, 24],
    [32, 40],
  ]) {
    const one = fc.string({ unit: letters, minLength: minLength ?? 0, maxLength: maxLength ?? 0 });
    const piece = fc.oneof(fc.string({ unit: letters, maxLength: 6 }), one);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), fc.array(piece), (values, pieces) => {
        const text = [...pieces, ...values].join("");
        expect(
          matcherOf(values)
            .matches(text, always)
            .map(({ found }) => found),
        ).toEqual(findPlainly(text, values));
      }),
      { numRuns: 300 },
    );
  }
});

test("no character of any value is left out, whatever lengths they have", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), fc.array(value), (values, pieces) => {
      const text = [...pieces, ...values].join("b");
      const covered = new Set<number>();
      for (const { start, end, found } of matcherOf(values).matches(text, always)) {
        expect(text.slice(start, end)).toBe(found);
        for (let at = start; at < end; at += 1) covered.add(at);
      }
      for (const one of values) {
        const isTouched = Array.from({ length: one.length }, (_, at) => at + text.indexOf(one));
        expect(isTouched.some((at) => covered.has(at))).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test("one that does not count where it stands makes way for a shorter one", () => {
  const matcher = matcherOf(["abcdef", "abcdefgh"]);
  const accept = (_: number, end: number) => end < 8;
  expect(matcher.matches("abcdefgh", accept)).toEqual([{ start: 0, end: 6, found: "abcdef" }]);
});

test("of a very long value all that is there is found, to where it differs", () => {
  const long = "0123456789abcdef".repeat(100);
  expect(matcherOf([long]).matches(`x${long}y`, always)).toEqual([
    { start: 1, end: 1601, found: long },
  ]);
  const cut = long.slice(0, 1000);
  expect(matcherOf([long]).matches(`${cut}!`, always)).toEqual([
    { start: 0, end: 1000, found: long },
  ]);
});
