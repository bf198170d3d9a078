import { expect, test } from "vitest";
import { renderJson } from "../../../src/views/html/json.ts";
import { descend, elementsOf, named, textOf } from "../../support/parsed-page.ts";

function shown(value: unknown, characters = 100_000): string {
  const [root] = elementsOf(String(renderJson(value, { left: characters })));
  return root === undefined ? "" : textOf(root);
}

test("small values are written out", () => {
  expect(shown({ a: [1, "x", null, true], b: {}, c: [] })).toBe(
    '{"a": [1,"x",null,true],"b": {},"c": []}',
  );
});

test("blanks and line breaks inside of strings stay", () => {
  const text = String(renderJson({ a: "x  y\n\tz" }, { left: 1000 }));
  expect(text).toContain(String.raw`x  y\n\tz`);
});

test("long containers begin folded, with how many members they have", () => {
  const long = Array.from({ length: 13 }, (_, index) => index);
  const elements = elementsOf(String(renderJson({ long, short: [1] }, { left: 1000 })));
  expect(named(elements, "summary").map(textOf)).toEqual(['"long": [ 13 ]']);
  const [folded] = named(elements, "details");
  expect(folded === undefined ? 0 : named(descend(folded), "div").length).toBe(1 + 13);
});

test("what does not fit is counted", () => {
  const many = Array.from({ length: 1000 }, () => "0123456789");
  expect(shown(many, 120)).toMatch(/… 990 more, left out to keep the page small\]$/);
  expect(shown("x".repeat(5000))).toMatch(/x … \(3,002 more characters\)$/);
});
