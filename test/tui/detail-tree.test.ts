import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryValue } from "../../src/views/entry-value.ts";
import { buildTreeLines, isContainer } from "../../src/tui/lines/json-tree.ts";
import { conversation, numbered, req } from "../support/conversation.ts";

const paths = (value: unknown, folds = new Map<string, boolean>()): readonly string[] =>
  buildTreeLines(value, folds).map(({ kind, path }) => `${kind} ${path}`);

describe("buildTreeLines", () => {
  test("writes a value line by line, with the path of each", () => {
    expect(paths({ a: 1, "b c": [true, {}] })).toEqual([
      "open $",
      "leaf $.a",
      'open $["b c"]',
      'leaf $["b c"][0]',
      'leaf $["b c"][1]',
      'close $["b c"]',
      "close $",
    ]);
  });

  test("folds the long and the deep, unless the reader says otherwise", () => {
    const long = { list: Array.from({ length: 30 }, (_, index) => index) };
    expect(paths(long)).toEqual(["open $", "folded $.list", "close $"]);
    expect(paths(long, new Map([["$.list", false]]))).toHaveLength(34);
    expect(paths({ a: { b: 1 } }, new Map([["$.a", true]]))).toEqual([
      "open $",
      "folded $.a",
      "close $",
    ]);
  });

  test("a list of a million is many thousand lines at most, and says how many it leaves out", () => {
    const million = Array.from({ length: 1_000_000 }, (_, index) => index);
    const lines = buildTreeLines({ million }, new Map([["$.million", false]]));
    expect(lines.length).toBeLessThan(20_010);
    expect(lines.at(-3)?.value).toBe("… 980002 more; y v copies all");
    expect(buildTreeLines(million, new Map([["$", true]]))).toHaveLength(1);
  });

  test("nesting deeper than calls may go is no trouble, even unfolded", () => {
    const deep: unknown = JSON.parse("[".repeat(20_000) + "]".repeat(20_000));
    const all = new Map(
      Array.from(
        { length: 20_000 },
        (_, depth) => [`$${"[0]".repeat(depth)}`, false] as const,
      ).slice(0, 600),
    );
    expect(buildTreeLines(deep, all).length).toBeLessThan(1100);
  });

  test("each container that opens also closes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const lines = buildTreeLines(value, new Map());
        const count = (kind: string): number => lines.filter((line) => line.kind === kind).length;
        expect(count("open")).toBe(count("close"));
        expect(lines.length).toBeGreaterThan(0);
        expect(isContainer(value) || lines.length === 1).toBe(true);
      }),
    );
  });
});

describe("entryValue", () => {
  const [opened, , , request] = numbered(conversation({}, req("a", "agent", { x: 1 })));

  test("parses a message, and shows the fields of any other entry", () => {
    expect(request && entryValue(request)).toEqual({
      type: "req",
      id: "a",
      method: "agent",
      params: { x: 1 },
    });
    expect(opened && entryValue(opened)).toMatchObject({
      kind: "opened",
      clientAddress: "127.0.0.1:50001",
    });
  });

  test("what is no JSON shows as lines of text, bytes as hex", () => {
    const base = {
      kind: "message",
      atMs: 0,
      wallMs: 0,
      connection: 1,
      entry: 1,
      from: "client",
      sizeBytes: 1,
      redacted: false,
    } as const;
    expect(entryValue({ ...base, message: { type: "text", text: "x".repeat(150) } })).toEqual({
      "not JSON": ["x".repeat(100), "x".repeat(50)],
    });
    expect(
      entryValue({ ...base, message: { type: "binary", bytes: new Uint8Array([0x9b, 0x41]) } }),
    ).toEqual({
      type: "binary",
      bytes: [`000000  9b 41${" ".repeat(43)} .A`],
    });
  });

  test("unfolds the JSON of an HTTP body, and says why one is not there", () => {
    const body = { entry: 1, atMs: 0, wallMs: 0, connection: 1, kind: "http-body", from: "client", sizeBytes: 9, redacted: false } as const;
    const content = { type: "text", text: '{"tool":"sessions_spawn"}' } as const;
    expect(entryValue({ ...body, content, omitted: null })).toEqual({ tool: "sessions_spawn" });
    expect(entryValue({ ...body, content: null, omitted: "cut short" })).toMatchObject({ omitted: "cut short" });
  }); // prettier-ignore
});
