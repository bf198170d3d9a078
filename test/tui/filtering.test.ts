import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { SubjectReader } from "../../src/filter/subject.ts";
import type { Subject } from "../../src/filter/fields.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { readTrace } from "../../src/trace/read.ts";
import { narrow, termOfRow } from "../../src/tui/updates/narrow.ts";
import type { FrameRow } from "../../src/tui/reading/frame-row.ts";
import { completeFilter, turnCompletion } from "../../src/tui/updates/completion.ts";
import { FrameIndex, subjectOf } from "../../src/tui/reading/frame-index.ts";
import { conversation, event, req } from "../support/conversation.ts";
import { KEYS } from "./fake-terminal.ts";
import { foundingCase } from "./founding-case.ts";
import { runApp } from "./running-app.ts";

const FOLDER = fileURLToPath(new URL("../../recordings/", import.meta.url));
const NAMES = readdirSync(FOLDER).filter(
  (file) => file.endsWith(".gwtrace") && file !== "from-the-future.gwtrace",
);

function eventRow(name: string): FrameRow {
  const row = new FrameIndex().row(1);
  return { ...row, facts: { ...row.facts, event: name } };
}

const keys = (text: string): readonly string[] => text.split("");

// One language everywhere: what a row answers is what the entry with its trace answers.
test.each(NAMES)("rows of %s say of themselves what their entries do", async (name) => {
  await using reader = await openRecording(FOLDER + name);
  const trace = await readTrace(reader);
  const findings = diagnose([trace]);
  const whole = new SubjectReader(trace, findings);
  const index = new FrameIndex();
  for await (const entry of reader.entries()) index.add(entry);
  for await (const entry of reader.entries()) {
    const answers = ({ text, ...rest }: Subject): unknown => ({ ...rest, text: text() });
    const row = index.row(entry.entry);
    expect(answers(subjectOf(whole, row, entry))).toEqual(answers(whole.read(entry)));
    const { id: _id, text: _text, ...known } = subjectOf(whole, row);
    expect(whole.read(entry)).toMatchObject(known);
  }
});

describe("a and A filter on what the cursor is on", () => {
  test.each([
    ["a frame, by its method", [], "a", "where method==agent", "4 of 21"],
    ["a frame, left out", [], "A", "where method!=agent", "17 of 21"],
    ["a connection", ["1", "j"], "a", "where conn==c2", "10 of 21"],
    ["a finding", ["3"], "a", "where finding==missing-scope-dropped", "of 21"],
    ["a field of the detail", ["4", "j", "j", "j"], "a", "where ok==false", "1 of 21"],
    [
      "a text in the detail",
      ["4", "G", "k", "k"],
      "a",
      'where "missing scope: operator.write"',
      "1 of 21",
    ],
  ])("%s", async (_what, way, key, title, count) => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.shows(">  {");
    await app.press(...way, key, "2");
    await app.shows(count);
    expect(app.screen.text()).toContain(title);
  });

  test("one after the other they narrow; what was said already is not said again", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("1", "a", "2", "a", "a");
    await app.shows("where conn==c1 && method==agent");
    await app.press("/", KEYS.up);
    expect(app.screen.text()).toContain("Filter: conn==c1");
  });

  test("what no filter can ask is said so", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.shows(">  {");
    await app.press("4", "a");
    expect(app.screen.text()).toContain("no filter can ask for this");
  });
});

test("what is narrowed is a filter that can be read, whatever stands in it", () => {
  expect(narrow("a || b", termOfRow(eventRow('x "y"')) ?? "", true)).toBe(
    '(a || b) && event=="x \\"y\\""',
  );
  expect(narrow("", "conn==c1", false)).toBe("conn!=c1");
  expect(narrow("ok==true", '"text"', false)).toBe('ok==true && !"text"');
});

describe("the filter", () => {
  test.each([
    ["type==event", "5 of 21"],
    ["scope==write && type==res", "2 of 21"],
    ["missing scope", "1 of 21"],
    ["finding==missing-scope", "of 21"],
    ["client==cli/cli && type==req", "2 of 21"],
  ])("%s", async (filter, count) => {
    await using app = await runApp(foundingCase());
    await app.press("/", ...keys(filter));
    await app.shows(`scan 100%`);
    expect(app.screen.text()).toContain(count);
  });

  test("Tab completes fields and values that occur; Up brings earlier filters back", async () => {
    await using app = await runApp(foundingCase());
    await app.press("/", ...keys("me"), KEYS.tab);
    expect(app.screen.text()).toContain("Filter: method==");
    await app.press("a", KEYS.tab, KEYS.enter);
    expect(app.screen.text()).toContain("2 Frames where method==agent");
    await app.press("/", "\x15", ...keys("conn==c1"), KEYS.enter, "/", "\x15");
    await app.press(KEYS.up, KEYS.up);
    expect(app.screen.text()).toContain("Filter: method==agent");
    await app.press(KEYS.down);
    expect(app.screen.text()).toContain("Filter: conn==c1");
  });

  test("a name that does not occur is a mistake with a place, not an empty list", async () => {
    await using app = await runApp(foundingCase());
    await app.press("/", ...keys("method==agnt"));
    expect(app.screen.text()).toContain("position 9");
    expect(app.screen.text()).toContain("agent");
    await app.press(KEYS.enter);
    expect(app.screen.text()).toContain("last good filter is kept");
  });

  test.each([
    ["code==FOO", "position 7: there is no code"],
    ["ok || scope==wriite", 'there is no scope "wriite" here; the nearest is write'],
    ["id==r3", 'there is no id "r3" here; the nearest is r1'],
    ["conn==c99", 'there is no conn "99" here; the nearest is'],
    ["client==cli/cly", "the nearest is cli/cli"],
  ])(
    "%s, which occurs nowhere, names the nearest, as show --filter does",
    async (text, message) => {
      await using app = await runApp(foundingCase(), { size: [120, 40] });
      await app.press("/", ...keys(text));
      await app.shows(message);
      await app.press(KEYS.enter);
      expect(app.screen.text()).toContain("last good filter is kept");
      expect(app.screen.text()).toContain("2 Frames ─");
      await app.press(":", ...keys(`filter ${text}`), KEYS.enter);
      await app.shows(message);
    },
  );

  test("what may yet come is no mistake", async () => {
    await using app = await runApp(foundingCase(), { live: true });
    await app.press("/", ...keys("code==FOO"), KEYS.enter);
    await app.shows("0 of 21 frames match");
    expect(app.screen.text()).not.toContain("there is no code");
  });

  test("a text filter over many frames shows its first match, counts on, and Esc stops it", async () => {
    const many = conversation(
      { connection: 1 },
      req("a", "needle", { text: "needle in a haystack" }),
      ...Array.from({ length: 6000 }, (_, seq) => event("tick", { seq }, seq + 1)),
    );
    await using app = await runApp(many);
    app.keyboard.write("/haystack\r");
    await app.shows("1 of 6,005");
    expect(app.screen.text()).toContain("needle");
    await app.shows("scan 100%");
  });
});

describe("find", () => {
  test("looks inside messages, counts, and goes round", async () => {
    await using app = await runApp(foundingCase());
    await app.press("g", "\x06", ...keys("operator.write"), KEYS.enter);
    await app.shows("match 1 of ");
    const count = /match 1 of (\d+)/.exec(app.screen.text())?.[1];
    await app.press("N");
    expect(app.screen.text()).toContain(`match ${count} of ${count}`);
    await app.press("n");
    expect(app.screen.text()).toContain("match 1 of ");
  });

  test("what is not there is said", async () => {
    await using app = await runApp(foundingCase());
    await app.press("\x06", ...keys("zebra"), KEYS.enter);
    await app.shows("no match for zebra");
    expect(app.screen.text()).toContain("2 Frames ─");
  });
});

describe("completeFilter", () => {
  const valuesOf = (field: string): readonly string[] =>
    field === "method" ? ["agent", "agents.list", "health"] : ["req", "res"];
  test.each([
    ["", "conn=="],
    ["ok && la", "ok && latency>"],
    ["method==ag", "method==agent"],
    ["method in [health, he", "method in [health, health"],
    ["type==re", "type==req"],
  ])("%j", (text, expected) => {
    const completion = completeFilter(text, text.length, valuesOf);
    expect(completion === null ? null : turnCompletion(completion, 1).text).toBe(expected);
  });
});
