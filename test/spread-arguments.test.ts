import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** Calls that take as many arguments as one likes: given more than some 120,000, they throw. */
const CALLS =
  /\b(?:Math\.(?:max|min|hypot)|\w*\.?(?:push|unshift|splice|fromCharCode|fromCodePoint|apply)|textBytes)\(/g;

/** Where the list cannot be long. */
const SHORT: Readonly<Record<string, string>> = {
  "cli/read-traces.ts": "recordings named on the command line",
  "cli/record-output.ts": "lines of a text of ours",
  "reduce/merge.ts": "recordings named on the command line",
  "views/report-markdown.ts": "as many frames as a finding shows",
  "exchange/packets/tcp-connection.ts": "sixteen bytes",
};

/** Whether the arguments of the call that opens at `from` are spread from a list: `push(...all)`, but not `push({ ...one })`. */
function spreads(code: string, from: number): boolean {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const char = code.charAt(at);
    if ("([{".includes(char)) depth += 1;
    if (")]}".includes(char)) depth -= 1;
    if (depth === 0) return false;
    if (depth === 1 && code.startsWith("...", at)) return true;
  }
  return false;
}

test.each([
  ["list.push(...more)", true],
  ["Math.max(0, ...of(one, two))", true],
  ["list.push({ ...one })", false],
  ["list.push([...one])", false],
  ["Math.max(0, sum([...one]))", false],
])("knows %s", (code, wanted) => {
  expect(spreads(code, code.indexOf("("))).toBe(wanted);
});

test("no list is spread into arguments: a long one would throw", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const guilty = files
    .filter((file) => file.endsWith(".ts") && !Object.hasOwn(SHORT, file))
    .flatMap((file) => {
      const code = readFileSync(join(SRC, file), "utf8");
      return [...code.matchAll(CALLS)]
        .filter((call) => spreads(code, call.index + call[0].length - 1))
        .map((call) => `${file}:${code.slice(0, call.index).split("\n").length}`);
    });
  expect(guilty).toEqual([]);
});
