import { expect, test } from "vitest";
import { abbreviateFrame } from "../../src/views/abbreviate.ts";

test("what fits stays as it is, blanks and all", () => {
  expect(abbreviateFrame('{"a" :  1}', 100)).toBe('{"a" :  1}');
});

test("the scopes of a hello-ok are seen behind a hundred method names", () => {
  const methods = Array.from({ length: 100 }, (_, index) => `sessions.method${index}`);
  const frame = { payload: { features: { methods }, auth: { scopes: ["operator.read"] } } };
  const shown = abbreviateFrame(JSON.stringify(frame), 1000);
  expect(shown).toContain('"… 76 more"');
  expect(shown).toContain('"auth":{"scopes":["operator.read"]}');
  expect(shown.length).toBeLessThan(1000);
});

test("long strings are cut where they stand", () => {
  const frame = { message: "x".repeat(5000), after: true };
  expect(abbreviateFrame(JSON.stringify(frame), 600)).toBe(
    `{"message":"${"x".repeat(400)}… 4600 more characters","after":true}`,
  );
});

test("what is no JSON, and what cannot be made short, is cut at its end", () => {
  expect(abbreviateFrame("y".repeat(30), 10)).toBe("yyyyyyyyyy … (20 more characters)");
  const wide = Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => "z".repeat(50)));
  expect(abbreviateFrame(JSON.stringify(wide), 20)).toMatch(/ … \(\d+ more characters\)$/);
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  expect(abbreviateFrame(deep, 100)).toContain("… 1 inside");
});
