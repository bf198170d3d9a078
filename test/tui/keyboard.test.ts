import { describe, expect, test } from "vitest";
import { InputShim } from "../../src/tui/input-shim.ts";
import { findAction, KEYMAP, PANES, type Binding } from "../../src/tui/keymap.ts";
import { COMMANDS } from "../../src/tui/updates/command-line.ts";
import { helpItems } from "../../src/tui/updates/help.ts";
import { editLine, type EditedLine } from "../../src/tui/updates/line-editor.ts";
import { FakeInput } from "./fake-terminal.ts";

describe("InputShim", () => {
  async function through(...chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
    const input = new FakeInput();
    const heard: string[] = [];
    const shim = new InputShim(input, {
      onPaste: (text) => heard.push(`paste ${text}`),
      onText: (text) => heard.push(`text ${text}`),
      onEnd: () => heard.push("end"),
    });
    shim.on("data", (key: Buffer) => heard.push(key.toString()));
    for (const chunk of [...chunks, "\x1bOP"]) {
      input.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The last key comes through after all that was waiting before it.
    while (!heard.includes("\x1bOP")) await new Promise((resolve) => setTimeout(resolve, 5));
    shim.detach();
    return heard.filter((key) => key !== "\x1bOP");
  }

  test.each<[string, readonly (string | Buffer)[], readonly string[]]>([
    ["keys in one read", ["jjk"], ["j", "j", "k"]],
    [
      "two wheel turns in one read",
      ["\x1b[<65;5;2M\x1b[<65;5;2M"],
      ["\x1b[<65;5;2M", "\x1b[<65;5;2M"],
    ],
    ["a sequence that was split", ["\x1b", "[", "A"], ["\x1b[A"]],
    [
      "a character that was split",
      [Buffer.from("日").subarray(0, 1), Buffer.from("日").subarray(1)],
      ["日"],
    ],
    ["a character beyond 16 bits", ["🚀x"], ["text 🚀", "x"]],
    ["Alt with a key", ["\x1bx"], ["\x1bx"]],
    ["Escape, then another key at once", ["\x1b\x1b[A"], ["\x1b", "\x1b[A"]],
    ["Shift-F3, which looks like an answer", ["\x1b[1;2R"], ["\x1b[1;2R"]],
    [
      "answers of the terminal",
      ["\x1b[?1;2c\x1b[3;4R\x1b]11;rgb:0/0/0\x07\x1b[?2026;2$y\x1bP1$r\x1b\\j"],
      ["j"],
    ],
    ["a paste in two reads", ["\x1b[200~q!G\nrm", " -rf\x1b[201~j"], ["paste q!G\nrm -rf", "j"]],
  ])("%s", async (_name, chunks, expected) => {
    expect(await through(...chunks)).toEqual(expected);
  });
});

describe("the keymap", () => {
  const bindings: readonly Binding[] = KEYMAP;

  test("no key means two things in one place", () => {
    for (const pane of PANES) {
      const special = bindings
        .filter(({ panes }) => panes?.includes(pane))
        .flatMap(({ keys }) => keys);
      const general = bindings
        .filter(({ panes }) => panes === undefined)
        .flatMap(({ keys }) => keys);
      expect(new Set(special).size).toBe(special.length);
      expect(new Set(general).size).toBe(general.length);
    }
  });

  test("a key of the pane goes before one that holds everywhere", () => {
    expect([
      findAction("h", "detail"),
      findAction("h", "frames"),
      findAction("j", "detail"),
    ]).toEqual(["fold", null, "down"]);
  });

  test("the help lists every key, and finds by word, by name and by key", () => {
    expect(helpItems("")).toHaveLength(KEYMAP.length + COMMANDS.length);
    expect(helpItems("G").map(({ keys }) => keys)).toContain("G  End");
    expect(helpItems("^F").map(({ help }) => help)).toEqual(
      expect.arrayContaining(["find without hiding; a word looks inside"]),
    );
    expect(helpItems("no such thing")).toEqual([]);
  });
});

describe("editLine", () => {
  const typed = (line: EditedLine, ...keys: readonly string[]): EditedLine =>
    keys.reduce((state, key) => editLine(state, key, key.length === 1 ? key : null) ?? state, line);

  test.each<[string, readonly string[], string, number]>([
    ["typing", ["a", "b"], "ab", 2],
    ["in the middle", ["a", "c", "left", "b"], "abc", 2],
    ["backspace", ["a", "b", "backspace"], "a", 1],
    ["delete", ["a", "b", "home", "delete"], "b", 0],
    ["a word back", ["a", " ", "b", "c", "C-w"], "a ", 2],
    ["all before the cursor", ["a", "b", "left", "C-u"], "b", 0],
    ["no further than the ends", ["left", "a", "right", "right", "backspace", "backspace"], "", 0],
    ["a key that edits nothing", ["a", "f5"], "a", 1],
  ])("%s", (_name, keys, text, cursor) => {
    expect(typed({ text: "", cursor: 0 }, ...keys)).toEqual({ text, cursor });
  });

  test("an emoji is one step", () => {
    expect(editLine({ text: "a🚀", cursor: 3 }, "backspace", null)).toEqual({
      text: "a",
      cursor: 1,
    });
    expect(editLine({ text: "🚀b", cursor: 0 }, "right", null)).toEqual({ text: "🚀b", cursor: 2 });
  });
});
