import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readTrace } from "../../src/trace/read.ts";
import { buildDiffRows, isChange } from "../../src/tui/lines/diff.ts";
import { unfoldedLines } from "../../src/tui/lines/json-tree.ts";
import { allFrames } from "../../src/tui/reading/frame-list.ts";
import { findInLines } from "../../src/tui/updates/detail-search.ts";
import { Task } from "../../src/tui/task.ts";
import { writeFrames } from "../../src/tui/write-files.ts";
import { conversation, req } from "../support/conversation.ts";
import { HEADER } from "../support/traces.ts";
import { KEYS } from "./fake-terminal.ts";
import { foundingCase } from "./founding-case.ts";
import { runApp, type RunningApp } from "./running-app.ts";

const keys = (text: string): readonly string[] => text.split("");

async function runCommand(app: RunningApp, line: string): Promise<void> {
  await app.press(":", ...keys(line), KEYS.enter);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-actions-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("the detail pane", () => {
  test("/ searches folded parts too, counts, and n goes on", async () => {
    await using app = await runApp(foundingCase());
    await app.press(":", "5", KEYS.enter, "4", "c", "/", ...keys("operator"));
    expect(app.screen.text()).toContain("in this frame");
    await app.press(KEYS.enter);
    expect(app.screen.text()).toContain("match 1 of 2");
    await app.press("n");
    expect(app.screen.text()).toContain("match 2 of 2");
    expect(app.screen.text()).toContain('"operator.write"');
  });

  test("/ typed before the frame was read finds what is in it", async () => {
    expect(findInLines(unfoldedLines(undefined), "missing")).toEqual([]);
    await using app = await runApp(foundingCase());
    app.keyboard.write("4/missing");
    await app.shows("1 in this frame");
  });

  test("b shows the bytes, Enter the whole of a value, Esc the tree again", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("4", "b");
    expect(app.screen.text()).toContain("Bytes of #9");
    expect(app.screen.text()).toContain("000000  7b 22 74 79 70 65");
    await app.press("b", ...keys("jjjjj"), KEYS.enter);
    expect(app.screen.text()).toMatch(/│ (INVALID_REQUEST|missing scope)/);
    app.keyboard.write("\x1b");
    await app.shows('"ok": false');
  });
});

describe("copy", () => {
  test.each([
    ["p", "$.error.message"],
    ["v", "missing scope: operator.write"],
    ["k", "message"],
    ["i", "r1"],
  ])("y %s", async (key, expected) => {
    await using app = await runApp(foundingCase());
    await app.press("4", "/", ...keys("missing"), KEYS.enter, "y");
    expect(app.screen.text()).toContain("y frame");
    await app.press(key);
    const copied = /\x1b\]52;c;([^\x07]*)\x07/.exec(app.screen.written)?.[1] ?? "";
    expect(Buffer.from(copied, "base64").toString()).toBe(expected);
    expect(app.screen.text()).toContain("copied the");
  });

  test("Y writes a file for its owner alone", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("Y", "y");
    await app.shows("it is in ");
    const path = / in (\S+\.txt)/.exec(app.screen.text())?.[1] ?? "";
    expect(await readFile(path, "utf8")).toContain("missing scope: operator.write");
    await rm(path);
    expect(app.screen.written).not.toContain("\x1b]52");
  });
});

describe("files", () => {
  test("w writes what is shown, with its handshake, and never over a file", async () => {
    const path = join(await temporaryFolder(), "part");
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("/", ...keys("conn==c1 && method==agent"), KEYS.enter);
    await runCommand(app, `write ${path}`);
    await app.shows("wrote 2 frames and 8 that belong to them");
    await using written = await openRecording(`${path}.gwtrace`);
    const trace = await readTrace(written);
    expect(trace.connections).toHaveLength(1);
    expect(trace.connections[0]?.rpcs).toMatchObject([{ method: "agent", ok: false }]);
    expect(written.complete).toBe(true);
    await runCommand(app, `write ${path}`);
    await app.shows("is there already");
  });

  test(":report writes Markdown to paste", async () => {
    const path = join(await temporaryFolder(), "report.md");
    await using app = await runApp(foundingCase());
    await runCommand(app, `report ${path}`);
    await app.shows("wrote the report");
    expect(await readFile(path, "utf8")).toContain("missing scope operator.write");
  });
});

describe("pages", () => {
  test(":explain tells the story, and Esc closes it", async () => {
    await using app = await runApp(foundingCase());
    await runCommand(app, "explain c1");
    expect(app.screen.text()).toContain("it called agent and was refused");
    app.keyboard.write("\x1b");
    await app.shows("1 Connections");
  });

  test("d compares two frames by meaning; ids and times do not count", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press(":", "5", KEYS.enter, "m", ":", "1", "5", KEYS.enter, "d");
    await app.shows("A  #5");
    expect(app.screen.text()).toContain("new in every run");
    const before = app.screen.text();
    await app.press("n");
    expect(app.screen.text()).not.toBe(before);
    await app.press("y");
    const copied = /\x1b\]52;c;([^\x07]*)\x07/.exec(app.screen.written)?.[1] ?? "";
    expect(Buffer.from(copied, "base64").toString()).toMatch(/^[-+~] \$\.payload/m);
  });

  test("d in Diagnosis shows the contrast, in Connections the marked one beside the selected", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("3", "d");
    await app.shows("A  c1 gateway-client");
    app.keyboard.write("\x1b");
    await app.shows("1 Connections");
    await app.press("1", "g", "m", "j", "d");
    await app.shows("B  c2 cli");
    expect(app.screen.text()).toContain('"outcome"');
  });

  test.each([
    [80, 24, "unicode"],
    [120, 40, "ascii"],
  ] as const)("the ladder at %ix%i in %s", async (columns, rows, charset) => {
    await using app = await runApp(foundingCase(), { size: [columns, rows], charset });
    await app.press("L");
    expect(app.screen.text()).toMatchSnapshot();
    await app.press("%");
    expect(app.screen.text()).toMatch(/^.> .*#8 {2}req agent/m);
    await app.press(KEYS.enter);
    expect(app.screen.text()).toContain("4 Detail  #8 req agent");
  });
});

describe("the help and the command line", () => {
  test("^P finds by word and runs", async () => {
    await using app = await runApp(foundingCase());
    await app.press("\x10", ...keys("ladder"), KEYS.enter);
    expect(app.screen.text()).toContain("Ladder of c1");
  });

  test("Tab completes commands and what follows them", async () => {
    await using app = await runApp(foundingCase());
    await app.press(":", ...keys("the"), KEYS.tab, " ", "m", KEYS.tab, KEYS.enter);
    expect(app.screen.text()).toContain("2 Frames");
    await app.press(":", ...keys("theme xy"), KEYS.enter);
    expect(app.screen.text()).toContain("no theme xy");
  });

  test("o and v order the connections, + and - move the border", async () => {
    await using app = await runApp(foundingCase());
    await app.press("v");
    const lines = app.screen.lines();
    const first = lines.findIndex((line) => line.includes("c2  ") && line.includes("cli"));
    const second = lines.findIndex((line) => line.includes("gateway-client"));
    expect(first).toBeLessThan(second);
    const border = (): number =>
      app.screen.lines().findIndex((line) => line.includes("3 Diagnosis"));
    const before = border();
    await app.press("+");
    expect(border()).toBe(before - 1);
    await app.press("-", "-");
    expect(border()).toBe(before + 1);
  });
});

test("frames half written are no file", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "whole.gwtrace");
  const writer = await createRecording(path, HEADER);
  const many = Array.from({ length: 200 }, (_, index) => req(`r${index}`, "health"));
  for (const entry of conversation({}, ...many)) writer.append(entry);
  await writer.close();
  await using reader = await openRecording(path);
  const task = new Task("writing", 200, () => undefined);
  task.stop();
  const list = allFrames(reader.entryCount);
  const wanted = { trace: await readTrace(reader), list, name: join(folder, "part.gwtrace") };
  expect(await writeFrames(reader, wanted, task)).toBeNull();
  expect(await readdir(folder)).toEqual(["whole.gwtrace"]);
});

test("a live session says where to connect, and what is wrong", async () => {
  const session = { address: "127.0.0.1:18777", upstream: "ws://127.0.0.1:18789", trouble: null };
  await using app = await runApp([], { live: true, session });
  expect(app.screen.text()).toContain("WAITING");
  expect(app.screen.text()).toContain("point one at ws://127.0.0.1:18777");
  expect(app.screen.text()).toContain("OPENCLAW_GATEWAY_PORT=18777 sends OpenClaw's programs here");
  // Both addresses where there is room for both, else the one that a client needs, and it whole.
  expect(app.screen.text()).toContain("WAITING 127.0.0.1:18777 ");
  await using wide = await runApp([], { live: true, session, size: [120, 40] });
  expect(wide.screen.text()).toContain("WAITING 127.0.0.1:18777 -> ws://127.0.0.1:18789 ");
});

describe("buildDiffRows", () => {
  const rules = { strict: false, redacted: false };
  const changes = (a: unknown, b: unknown): readonly string[] =>
    buildDiffRows(a, b, rules)
      .filter(isChange)
      .map(({ path, mark }) => `${mark} ${path}`);

  test("aligns lists by what they share, and leaves out what is new in every run", () => {
    expect(changes({ id: "1", a: ["x", "y", "z"] }, { id: "2", a: ["x", "z"] })).toEqual([
      "removed $.a[1]",
    ]);
    expect(changes({ payload: { runId: "1", n: 1 } }, { payload: { runId: "2", n: 2 } })).toEqual([
      "changed $.payload.n",
    ]);
    expect(changes({ a: 1 }, { b: 1 })).toEqual(["removed $.a", "added $.b"]);
  });
});

test("a search names what must be unfolded to see a match", () => {
  const found = (value: unknown, text: string) => findInLines(unfoldedLines(value), text);
  expect(found({ list: ["item 1", "item 2"] }, "ITEM 2")).toEqual([
    { path: "$.list[1]", ancestors: ["$", "$.list"] },
  ]);
  expect(found({ name: { deep: 1 } }, "name")).toMatchObject([{ path: "$.name" }]);
  expect(found({ name: { deep: null }, x: 7 }, "7")).toMatchObject([{ path: "$.x" }]);
});
