import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAst } from "rolldown/parseAst";
import { analyse, type Report } from "scslre";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";

/*
 * No regular expression may take longer than its text is long, since most texts are from somebody else: none that backtracks (two
 * parts that may share what they match), and none that looks through the rest of the text again from each place in it. What scslre
 * proves of the pattern is tested, not how long it takes.
 */

const SRC = path.resolve(import.meta.dirname, "../src");

/** Patterns that are quadratic, and why that does no harm. */
const BOUNDED: Readonly<Record<string, string>> = {
  "cli/complete-words.ts /[<[](.+)[>\\]]/": "an argument's name in our own help",
  "scrub/policy.ts /[.*@#]|\\d+(?=#)/g": "a path that the user typed",
  "tui/paint/format.ts /\\B(?=(?:\\d{3})+$)/g": "a number of at most 20 digits",
  "tui/updates/command-line.ts /^\\s*(\\S+)\\s+(.*)$/": "a line that the user typed",
  'tui/updates/completion.ts /(\\w+)\\s*(?:==|!=|~)\\s*([^\\s"()[\\]&|,!]*)$/':
    "a line that the user typed",
  "tui/updates/completion.ts /(\\w+)\\s+in\\s*[[(][^\\])]*?([^\\s,[(]*)$/":
    "a line that the user typed",
  "tui/updates/completion.ts /[a-z]*$/": "a line that the user typed",
  "tui/updates/line-editor.ts /\\S+\\s*$/": "a line that the user typed",
  "views/html/markup.ts /\\s*\\n\\s*/g": "a template of our own",
};

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function sourceFiles(wanted: RegExp): readonly string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  return files.filter((file) => wanted.test(file));
}

const literal = z.looseObject({ regex: z.object({ pattern: z.string(), flags: z.string() }) });
const construction = z.looseObject({
  type: z.enum(["NewExpression", "CallExpression"]),
  callee: z.looseObject({ name: z.literal("RegExp") }),
});

/** The patterns that stand in a file, and how many it makes of texts. */
function readPatterns(file: string): { literals: readonly Pattern[]; made: number } {
  const literals: Pattern[] = [];
  let made = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    const found = literal.safeParse(node).data?.regex;
    if (found !== undefined) literals.push({ file, source: found.pattern, flags: found.flags });
    if (construction.safeParse(node).success) made += 1;
    Object.values(node).forEach(visit);
  };
  visit(parseAst(readFileSync(path.join(SRC, file), "utf8"), { lang: "ts" }, file));
  return { literals, made };
}

/** Patterns that are made of texts while a module is loaded, or by what is called then. */
async function makePatterns(file: string): Promise<Pattern[]> {
  const made: Pattern[] = [];
  const { RegExp: original } = globalThis;
  globalThis.RegExp = new Proxy(original, {
    construct(target, [source, flags]: [string, string?]) {
      made.push({ file, source, flags: flags ?? "" });
      return new target(source, flags);
    },
  });
  // Loaded before, it would make none.
  vi.resetModules();
  try {
    await import(/* @vite-ignore */ `../src/${file}`);
    await LATER.get(file)?.();
  } finally {
    globalThis.RegExp = original;
  }
  return made;
}

/** What makes the patterns that a file makes of texts later than when it is loaded. */
const LATER: ReadonlyMap<string, () => Promise<void>> = new Map([
  [
    "scrub/policy.ts",
    async () => {
      const { Additions } = await import("../src/scrub/policy.ts");
      const paths = ["params.customer.*", "payload.rows[].name", "a[3].b"];
      new Additions({ keys: [], paths }).names(["params"]);
    },
  ],
  [
    "scrub/delta-streams.ts",
    async () => {
      const { DeltaStreams } = await import("../src/scrub/delta-streams.ts");
      const streams = new DeltaStreams();
      for (const delta of ["ab", "cd"]) {
        const text = JSON.stringify({ type: "event", event: "chat", payload: { delta } });
        streams.add(1, 1, text);
      }
      streams.finish((text) => (text === "abcd" ? "x" : text));
    },
  ],
]);

/** Where patterns are made of what the profiles of versions say about requests. */
const RULES = "gateway/authorize-call.ts";

function rulePatterns(): readonly Pattern[] {
  const found: Pattern[] = [];
  for (const file of sourceFiles(/^gateway\/profiles\/.*\.json$/)) {
    JSON.parse(readFileSync(path.join(SRC, file), "utf8"), (key, value: unknown) => {
      if (key === "matches") found.push({ file, source: String(value), flags: "i" });
      return value;
    });
  }
  return found;
}

function isSlow({ source, flags }: Pattern): readonly Report[] {
  return analyse({ source, flags }).reports;
}

const FILES = sourceFiles(/\.(?:ts|mjs)$/).map((file) => ({ file, ...readPatterns(file) }));

describe("no pattern takes longer than its text is long", () => {
  test("of those that stand in the source", () => {
    const literals = FILES.flatMap((file) => file.literals);
    expect(literals.length).toBeGreaterThan(200);
    const slow = literals.filter((pattern) => isSlow(pattern).length > 0);
    const names = slow.map(({ file, source, flags }) => `${file} /${source}/${flags}`);
    expect(new Set(names)).toEqual(new Set(Object.keys(BOUNDED)));
  });

  test.each(FILES.filter(({ file, made }) => made > 0 && file !== RULES))(
    "of those that $file makes",
    async ({ file, made }) => {
      const patterns = await makePatterns(file);
      expect(patterns.length).toBeGreaterThanOrEqual(made);
      expect(patterns.filter((pattern) => isSlow(pattern).length > 0)).toEqual([]);
    },
  );

  test("of those in rules about requests", () => {
    const patterns = rulePatterns();
    expect(patterns.length).toBeGreaterThan(0);
    expect(patterns.filter((pattern) => isSlow(pattern).length > 0)).toEqual([]);
  });
});

test("a pattern that backtracks is seen as one", () => {
  for (const source of ["(a+)+$", "\\s+$", "a.*b.*c", "(?:a|a)*b"]) {
    expect(isSlow({ file: "", source, flags: "" })).not.toEqual([]);
  }
});
