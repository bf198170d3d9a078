import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../../src/views/html/markup.ts";
import { toPrintable } from "../../../src/views/printable.ts";
import { attribute, elementsOf } from "../../support/parsed-page.ts";

const HOSTILE = [
  "</p><script>alert(1)</script>",
  `" onmouseover="alert(1)`,
  "' autofocus onfocus='alert(1)",
  "</style><style>*{display:none}",
  "<!-- ]]> --> &lt; &amp;#60; &#x3c;",
  "\u2028\u2029\u202e\u0000\u009b\ud800",
  "`${alert(1)}`",
];

function parsed(text: string) {
  const elements = elementsOf(html`<p title="${text}">${text}</p>`.toString());
  return elements.map((element) => ({
    tag: element.tagName,
    attributes: element.attrs.map(({ name }) => name),
    title: attribute(element, "title"),
    // Not the helper's text, which folds blanks.
    text: element.childNodes.map((node) => ("value" in node ? node.value : "?")).join(""),
  }));
}

test.each(HOSTILE)("%j stays text, between tags and in an attribute", (text) => {
  const printable = toPrintable(text);
  expect(parsed(text)).toEqual([
    { tag: "p", attributes: ["title"], title: printable, text: printable },
  ]);
});

test("any text does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const printable = toPrintable(text);
      expect(parsed(text)).toEqual([
        { tag: "p", attributes: ["title"], title: printable, text: printable },
      ]);
    }),
  );
});

test("markup goes in as it is, lists of it too", () => {
  const items = ["<one>", "two"].map((text) => html`<li>${text}</li>`);
  const list = String(
    html`<ul>
      ${items}
    </ul>`,
  );
  expect(list.replaceAll("\n", "")).toBe("<ul><li>&lt;one&gt;</li><li>two</li></ul>");
});

test("what only looks like markup is text", () => {
  const forged: object = { toString: () => "<b>", "#text": "<b>" };
  // @ts-expect-error -- the types refuse it as well
  expect(() => String(html`${forged}`)).toThrow("not iterable");
});
