import { describe, expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import {
  close,
  connect,
  conversation,
  event,
  helloOk,
  refused,
  req,
} from "../support/conversation.ts";
import { KEYS } from "./fake-terminal.ts";
import { runApp } from "./running-app.ts";

/** What a peer may put into any text to get at the terminal of whoever reads the recording. */
const PAYLOADS: readonly (readonly [name: string, text: string])[] = [
  ["SGR", "A\x1b[31mB"],
  ["invisible text", "A\x1b[8mHIDDEN"],
  ["clear screen", "A\x1b[2JB"],
  ["window title", "A\x1b]0;PWNED\x07B"],
  ["clipboard", "A\x1b]52;c;UFdO\x07B"],
  ["C1 clear screen", "A\x9b2JB"],
  ["C1 window title", "A\x9d0;PWNED\x9cB"],
  ["C1 query that types into us", "A\x9bcB"],
  ["query that types into us", "A\x1b[c\x1b[6n\x1b[5nB"],
  ["C1 device control", "A\x90+q544e\x9cB"],
  ["private modes", "A\x1b[?1049l\x1b[?1003h\x1b[?2004hB"],
  ["line ends", "A\r\nB\u0085C\u2028D"],
  ["backspaces", "A\b\b\x7f\x00\x07B"],
  ["bidi override", "abc\u202edef\u2066x"],
  ["zero width", "a\u200b\u200c\u2060\ufeffb"],
  ["tag characters", "a\u{e0041}\u{e0042}b"],
  ["lone surrogates", "a\ud83db\udc00"],
  ["marks in a pile", "e".padEnd(300, "\u0301")],
  ["emoji clusters", "👩‍👩‍👧‍👦🚀✅❤️👍🏽1️⃣🇫🇷x"],
  ["wide and narrow", "日本語ｱｲｳ한국어"],
  ["blessed tags", "{red-fg}{bold}X{/bold}{/red-fg}{center}{|}{/escape}"],
  ["our own anchors", "A\x1b[1;1H\x1b[CB"],
  ["NUL, which means unknown to the painter", "\0\0\0"],
  ["a long line", "\x9b".repeat(5000)],
];

function hostile(text: string): readonly NewEntry[] {
  return [
    ...conversation(
      { clientAddress: text },
      connect({
        client: `${text}/${text}`,
        version: text,
        role: text,
        scopes: [text],
        device: text,
      }),
      helloOk({ scopes: [text] }),
      req(text, text, { [text]: text, deep: [{ [text]: [text] }] }),
      refused(text, text, text, { code: text }),
      refused("none", "X", `missing scope: operator.${text}`),
      event(text, text, 1),
      event(text, text, 5),
      req("raw", "m"),
      close("gateway", 1008, text.slice(0, 30)),
    ),
    {
      kind: "gap",
      atMs: 90,
      wallMs: 90,
      connection: 1,
      reason: text,
      missingEntries: 2,
      missingBytes: 9,
      untilMs: 91,
    },
    {
      kind: "undecodable",
      atMs: 92,
      wallMs: 92,
      connection: 1,
      from: "client",
      reason: text,
      sizeBytes: 3,
      bytes: new Uint8Array([0x9b, 0x32, 0x4a]),
    },
    {
      kind: "http-request",
      atMs: 93,
      wallMs: 93,
      connection: 2,
      method: text,
      target: text,
      headers: [[text, text]],
      redacted: false,
    },
    {
      kind: "message",
      atMs: 94,
      wallMs: 94,
      connection: 1,
      from: "client",
      message: { type: "text", text: `{not json ${text}` },
      sizeBytes: 9,
      redacted: false,
    },
  ];
}

// All that may follow ESC in what we write: cursor, colours, erase, modes of our own, scroll region, keypad, character sets.
const OURS =
  /^(?:\[(?:\?(?:1|25|1000|1006|1049|2004|2026)[hl]|[\d;]*[ABCDHJKmr])|[78=>]|\(B|\[!p|\[\d* q)/;

function foreignSequences(written: string): readonly string[] {
  return written
    .split("\x1b")
    .slice(1)
    .filter((rest) => !OURS.test(rest))
    .map((rest) => rest.slice(0, 12));
}

const ALL = PAYLOADS.map(([, text]) => text.slice(0, 40)).join(" ");

describe("hostile text never reaches the terminal", () => {
  test.each([
    ...PAYLOADS.map(([name, text]) => [name, text, "unicode"] as const),
    ["all of them, with ASCII only", ALL, "ascii"] as const,
  ])("%s", async (_name, text, charset) => {
    await using app = await runApp(hostile(text), { size: [120, 40], charset });
    for (let step = 0; step < 20; step++) await app.press("j");
    await app.press(
      "4",
      "e",
      "j",
      "j",
      "G",
      "1",
      "j",
      KEYS.enter,
      "3",
      "j",
      "]",
      "]",
      "u",
      "u",
      "\\",
      "\\",
    );
    await app.press("/", "\x1b[200~" + text + "\x1b[201~", KEYS.enter, ":", "x", KEYS.enter);
    app.screen.resize(80, 24);
    await app.screen.settle();
    const { written, titles, replies, isAlternate, mouseMode } = app.screen;
    expect(written).not.toMatch(
      /[\x80-\x9f]|\u202e|\u2066|\u200b|\u{e0041}|\u2028|\ud83d(?![\udc00-\udfff])/u,
    );
    expect(written).not.toMatch(/[\x00-\x07\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/);
    expect(foreignSequences(written)).toEqual([]);
    expect([titles, replies, isAlternate, mouseMode]).toEqual([[], "", true, "vt200"]);
    expectFramesInPlace(app.screen.lines());
  });
});

// Whatever the widths of what is inside, borders stand where they should.
function expectFramesInPlace(lines: readonly string[]): void {
  for (const line of lines.slice(1, -2)) expect(line).toMatch(/^[┌│└+|].*[┐│┘+|]$/u);
}

test("an unsafe code point shows as an escape in reverse", async () => {
  await using app = await runApp(conversation({}, req("1", "evil\x9b2J")));
  const y = app.screen.lines().findIndex((line) => line.includes(String.raw`evil\x9b2J`));
  const x = app.screen.lines()[y]?.indexOf(String.raw`\x9b`) ?? 0;
  expect(y).toBeGreaterThan(0);
  expect(app.screen.cell(x, y).isInverse()).not.toBe(app.screen.cell(x - 1, y).isInverse());
});

test("an answer of the terminal never runs as a key", async () => {
  await using app = await runApp(conversation({}, req("1", "health")));
  const before = app.screen.text();
  await app.press(
    "\x1b[?1;2c",
    "\x1b[3;4R",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b[?2026;2$y",
    "\x1bP1+r544e=3f\x1b\\",
  );
  expect(app.screen.text()).toBe(before);
});
