import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toPrintable, toPrintableRuns } from "../../src/views/printable.ts";

describe("toPrintable", () => {
  test.each([
    ["plain text stays", "missing scope: operator.write", "missing scope: operator.write"],
    ["an empty text stays", "", ""],
    ["words of other scripts stay", "日本語 café Ελλάδα עברית", "日本語 café Ελλάδα עברית"],
    ["SGR", "A\x1b[8mHIDDEN", String.raw`A\x1b[8mHIDDEN`],
    ["CSI 2J", "A\x1b[2JB", String.raw`A\x1b[2JB`],
    ["OSC title", "A\x1b]0;PWNED\x07B", String.raw`A\x1b]0;PWNED\x07B`],
    ["OSC 52", "A\x1b]52;c;UFdO\x07B", String.raw`A\x1b]52;c;UFdO\x07B`],
    ["C1 CSI", "A\x9b2JB", String.raw`A\x9b2JB`],
    ["C1 OSC", "A\x9d0;PWNED\x9cB", String.raw`A\x9d0;PWNED\x9cB`],
    ["C1 device attributes", "A\x9bcB", String.raw`A\x9bcB`],
    ["C1 DCS", "A\x90+q544e\x9cB", String.raw`A\x90+q544e\x9cB`],
    ["NEL", "a\u0085b", String.raw`a\x85b`],
    ["line ends and tabs", "a\r\n\tb", String.raw`a\r\n\tb`],
    ["NUL, BEL, BS, DEL", "A\x00\x07\x08\x7fB", String.raw`A\x00\x07\x08\x7fB`],
    ["bidi override", "abc\u202edef\u2066x", String.raw`abc\u202edef\u2066x`],
    ["Arabic letter mark", "a\u061cb", String.raw`a\u061cb`],
    ["zero width", "a\u200b\u200c\u2060b", String.raw`a\u200b\u200c\u2060b`],
    ["soft hyphen", "a\u00adb", String.raw`a\xadb`],
    ["line and paragraph separator", "a\u2028\u2029b", String.raw`a\u2028\u2029b`],
    ["byte order mark", "\ufeffa", String.raw`\ufeffa`],
    ["tag characters", "a\u{e0041}\u{e007f}", String.raw`a\u{e0041}\u{e007f}`],
    ["Hangul filler", "a\u3164b", String.raw`a\u3164b`],
    ["lone surrogates", "a\ud83db\udc00", String.raw`a\ud83db\udc00`],
    ["noncharacters", "a\ufffe\u{10ffff}", String.raw`a\ufffe\u{10ffff}`],
    ["a joiner outside an emoji", "a\u200db", String.raw`a\u200db`],
    ["a variation selector outside an emoji", "a\ufe0f", String.raw`a\ufe0f`],
    ["emoji clusters stay", "👩‍👩‍👧 ✅ ❤️ 👍🏽 1️⃣", "👩‍👩‍👧 ✅ ❤️ 👍🏽 1️⃣"],
    ["a mark with nothing before it", "\u0301a", String.raw`\u0301a`],
    ["a mark behind an unsafe one", "a\u200b\u0301b", String.raw`a\u200b\u0301b`],
    ["a mark on its base stays", "e\u0301", "e\u0301"],
    ["a pile of marks", "e" + "\u0301".repeat(6), "e\u0301\u0301\u0301\u0301\\u0301\\u0301"],
  ])("%s", (_name, text, expected) => {
    expect(toPrintable(text)).toBe(expected);
  });

  test("no text at all brings a control, bidi or zero width code point through", () => {
    const nasty = fc.constantFrom(
      "\x1b",
      "\x9b",
      "\u202e",
      "\u200b",
      "\u200d",
      "\ufe0f",
      "👩",
      "a",
      "\u0301",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(nasty).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const withoutEmoji = toPrintable(text).replace(/\u200d|\ufe0f/gu, "");
        expect(withoutEmoji).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(toPrintable(text)).not.toMatch(
          /(?<!\p{Extended_Pictographic}|\ufe0f|\p{Emoji_Modifier})\u200d/u,
        );
      }),
    );
  });

  test("what is printable already stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(toPrintable(toPrintable(text))).toBe(toPrintable(text));
      }),
    );
  });
});

test("toPrintableRuns marks the escapes", () => {
  expect(toPrintableRuns("ok \x9b2J")).toEqual([
    { text: "ok ", escaped: false },
    { text: String.raw`\x9b`, escaped: true },
    { text: "2J", escaped: false },
  ]);
});
