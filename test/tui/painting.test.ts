import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Canvas } from "../../src/tui/paint/canvas.ts";
import { toClusters } from "../../src/tui/paint/clusters.ts";
import { wrap } from "../../src/tui/lines/diagnosis.ts";
import {
  renderClock,
  renderCount,
  renderOffset,
  renderSize,
  renderSpan,
} from "../../src/tui/paint/format.ts";
import { layOut } from "../../src/tui/layout.ts";
import { PANES } from "../../src/tui/keymap.ts";
import { THEMES } from "../../src/tui/paint/theme.ts";

describe("toClusters", () => {
  test.each([
    ["日本", 3, ["日"]],
    ["日本", 4, ["日", "本"]],
    ["e\u0301x", 9, ["e\u0301", "x"]],
    ["👩‍👩‍👧x", 9, ["👩‍👩‍👧", "x"]],
    ["🇫🇷", 9, ["🇫🇷"]],
  ])("%s in %i columns", (text, width, expected) => {
    expect(toClusters(text, width, "unicode").map((cluster) => cluster.text)).toEqual(expected);
  });

  test("fills no more columns than there are, and holds nothing that steers a terminal", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom("unicode", "ascii"),
        (text, width, charset) => {
          const clusters = toClusters(text, width, charset);
          expect(clusters.reduce((sum, cluster) => sum + cluster.width, 0)).toBeLessThanOrEqual(
            width,
          );
          const all = clusters.map((cluster) => cluster.text).join("");
          expect(all).not.toMatch(/[\p{Cc}\p{Cs}]|\u202e|\u200b/u);
          expect(charset === "unicode" || /^[\x20-\x7e]*$/.test(all)).toBe(true);
        },
      ),
    );
  });

  test("looks no further into a long text than it shows", () => {
    expect(toClusters("\x9b".repeat(5_000_000), 10, "unicode")).toHaveLength(10);
  });
});

describe("Canvas", () => {
  const look = { theme: THEMES.mono, lines: "unicode", text: "unicode" } as const;

  test("cuts at its edges and leaves what is outside alone", () => {
    const canvas = new Canvas(4, 2, look);
    expect(canvas.put(2, 0, "abcdef", "text", 10)).toBe(2);
    expect([canvas.put(0, 5, "x", "text", 3), canvas.put(9, 0, "x", "text", 3)]).toEqual([0, 0]);
    expect(canvas.cells.map((line) => line.map(({ text }) => text).join(""))).toEqual([
      "  ab",
      "    ",
    ]);
  });

  test("a wide cluster takes two cells, and none when only one is left", () => {
    const canvas = new Canvas(3, 1, look);
    expect(canvas.put(0, 0, "日本", "text", 3)).toBe(2);
    expect(canvas.cells[0]?.map(({ text }) => text)).toEqual(["日", "", " "]);
  });
});

describe("layOut", () => {
  test("panes fill the screen without overlap, at every size", () => {
    const wishes = fc.record({
      focus: fc.constantFrom(...PANES),
      shared: fc.constantFrom("diagnosis", "detail"),
      maximised: fc.boolean(),
      hidesDiagnosis: fc.boolean(),
      connections: fc.nat(50),
      findingLines: fc.nat(50),
      lower: fc.integer({ min: -30, max: 30 }),
      stacked: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 90 }),
        wishes,
        (columns, rows, wish) => {
          const { panes, footerRows, hasHeader } = layOut(columns, rows, wish);
          const rects = Object.values(panes);
          const area = rects.reduce((sum, { width, height }) => sum + width * height, 0);
          expect(area).toBe(columns * (rows - footerRows - (hasHeader ? 1 : 0)));
          const cells = new Set(
            rects.flatMap(({ x, y, width, height }) =>
              Array.from(
                { length: height * width },
                (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`,
              ),
            ),
          );
          expect(cells.size).toBe(area);
          const isHidden = wish.hidesDiagnosis && wish.focus === "diagnosis";
          const isFocusable = (wish.focus === wish.shared && !isHidden) || wish.focus === "frames";
          expect(!isFocusable || wish.focus in panes).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("formats", () => {
  test.each([
    [renderSize(0), "0 B"],
    [renderSize(999), "999 B"],
    [renderSize(18_240), "18.2 kB"],
    [renderSize(999_499), "999 kB"],
    [renderSize(999_500), "1.0 MB"],
    [renderSize(26_214_400), "26.2 MB"],
    [renderSpan(0.44), "0.4 ms"],
    [renderSpan(331.7), "332 ms"],
    [renderSpan(1240), "1.24 s"],
    [renderSpan(59_990), "60.0 s"],
    [renderSpan(720_000), "12 min"],
    [renderOffset(8404), "+8.404"],
    [renderOffset(-20), "-0.020"],
    [renderOffset(3_723_400), "+1:02:03"],
    [renderClock("2026-11-23T12:00:00.000Z", 1234.5), "12:00:01.234"],
    [renderClock("never", 1), ""],
    [renderCount(12_481), "12,481"],
  ])("%s", (shown, expected) => {
    expect(shown).toBe(expected);
  });

  test("wrap breaks at spaces and loses nothing", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 8, max: 60 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});
