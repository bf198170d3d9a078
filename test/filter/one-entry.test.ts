import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FIELDS } from "../../src/filter/fields.ts";
import { parseFilter } from "../../src/filter/parse.ts";
import { asksOneEntry, SubjectReader } from "../../src/filter/subject.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { readTrace } from "../../src/trace/read.ts";

const RECORDINGS = new URL("../../recordings/", import.meta.url).pathname;
const NAMES = readdirSync(RECORDINGS).filter(
  (name) => name.endsWith(".gwtrace") && !name.startsWith("from-the-future"),
);

function asksOne(text: string): boolean {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return asksOneEntry(parsed.filter);
}

describe("a filter asks one entry alone", () => {
  test.each([
    ["ok==false", true],
    ["type==res && !ok || size>4kB", true],
    ["hello && !(conn==c1)", true],
    ["ok==false && latency>1ms", false],
    ["!(method==agent)", false],
    ["finding==missing-scope", false],
  ])("%s: %s", (text, expected) => {
    expect(asksOne(text)).toBe(expected);
  });
});

test.each(NAMES)("in %s such a filter sees the same without the trace", async (name) => {
  await using reader = await openRecording(`${RECORDINGS}${name}`);
  const trace = await readTrace(reader);
  const knowing = new SubjectReader(trace, diagnose([trace]));
  const alone = new SubjectReader(null, []);
  const asked = FIELDS.filter((field) =>
    asksOneEntry({ kind: "compare", field, operator: "==", values: [1], at: [1] }),
  );
  expect(asked.length).toBeGreaterThan(5);
  for await (const entry of reader.entries()) {
    const [known, seen] = [knowing.read(entry), alone.read(entry)];
    expect(seen.text()).toBe(known.text());
    for (const field of asked) {
      const key = field === "size" ? "sizeBytes" : field === "latency" ? "latencyMs" : field;
      expect([field, seen[key]]).toEqual([field, known[key]]);
    }
  }
});
