import { describe, expect, test } from "vitest";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  refused,
  req,
} from "../support/conversation.ts";
import { KEYS } from "./fake-terminal.ts";
import { foundingCase } from "./founding-case.ts";
import { runApp } from "./running-app.ts";

describe("the founding case", () => {
  test.each([
    [60, 16],
    [80, 24],
    [120, 40],
    [40, 10],
  ] as const)("first screen at %ix%i", async (columns, rows) => {
    await using app = await runApp(foundingCase(), { size: [columns, rows] });
    // The detail of the selected frame comes a moment later.
    if (columns === 120) await app.shows(">  {");
    expect(app.screen.text()).toMatchSnapshot();
    expect(app.screen.lines().every((line) => line.length <= columns)).toBe(true);
  });

  test("the first screen says what failed; one key shows the frame, one more the evidence before it", async () => {
    await using app = await runApp(foundingCase());
    expect(app.screen.text()).toContain("agent was refused: missing scope operator.write");
    expect(app.screen.text()).toContain("SHORT -write");
    expect(selectedLine(app.screen.lines())).toContain("SCOPE write");
    await app.press(KEYS.enter);
    await app.shows('"ok": false');
    await app.press("%");
    expect(app.screen.text()).toContain("4 Detail  #8 req agent");
  });

  test("D puts the diagnosis away and brings it back, 3 brings it back too", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("3", "D");
    expect(app.screen.text()).not.toContain("3 Diagnosis");
    expect(app.screen.lines()[35]).toContain("│");
    await app.press("D");
    expect(app.screen.text()).toContain("3 Diagnosis");
    await app.press("D", "3");
    expect(app.screen.text()).toContain("3 Diagnosis");
  });

  test("where it shares its place, D leaves all of it to the frames", async () => {
    await using app = await runApp(foundingCase());
    await app.press("D");
    expect(app.screen.text()).not.toContain("3 Diagnosis");
    expect(app.screen.text()).toContain("evt  connect.challenge");
    await app.press(KEYS.enter);
    expect(app.screen.text()).toContain("4 Detail");
    await app.press("D");
    expect(app.screen.text()).toContain("3 Diagnosis");
  });

  test("a finding that is longer than its pane is shown from its top", async () => {
    const other = conversation(
      {
        connection: 3,
        startMs: 300,
        peerAddress: "100.64.0.5:50003",
        gatewayAddress: "100.64.0.5:18789",
      },
      challenge(),
      connect({ client: "gateway-client/backend", scopes: ["operator.admin"] }),
      helloOk({ scopes: [] }),
      req("r3", "sessions.delete", { key: "k" }),
      refused("r3", "INVALID_REQUEST", "missing scope: operator.admin"),
    );
    await using app = await runApp([...foundingCase(), ...other]);
    await app.press("]");
    const lines = app.screen.lines();
    const pane = lines.findIndex((line) => line.includes("3 Diagnosis"));
    expect(lines[pane]).toContain("2 of 3");
    expect(lines[pane + 1]).toMatch(/>error +connection 3: sessions\.delete was refused/);
  });

  test("the connection of the selected frame is the selected one", async () => {
    await using app = await runApp(foundingCase());
    expect(app.screen.text()).toMatch(/>! c1 /);
    await app.press("G");
    expect(app.screen.text()).toMatch(/>  c2 /);
  });

  test("on 80 columns roles are told where one is no operator's", async () => {
    const node = conversation(
      { connection: 3, startMs: 200 },
      connect({ client: "node-host/node", role: "node", scopes: [] }),
      close("client"),
    );
    await using operators = await runApp(foundingCase());
    expect(operators.screen.text()).not.toContain("ROLE");
    await using app = await runApp([...foundingCase(), ...node]);
    expect(app.screen.text()).toMatch(/CLIENT +ROLE +REQUESTED/);
    expect(app.screen.text()).toMatch(/c3 +node-host\/node node /);
    expect(app.screen.text()).toMatch(/c1 +gateway-client operator /);
  });

  test("with ASCII only, nothing else is written", async () => {
    await using app = await runApp(foundingCase(), { charset: "ascii" });
    expect(app.screen.written).toMatch(/^[\x07\x0a\x0d\x1b\x20-\x7e]*$/);
    expect(app.screen.text()).toContain("+- 1 Connections");
  });

  test("the selected row is in reverse, an error is red and bold", async () => {
    await using app = await runApp(foundingCase());
    const y = app.screen.lines().findIndex((line) => /^│ !.*SHORT|^│>!.*SHORT/.test(line));
    const x = app.screen.lines()[y]?.indexOf("SHORT") ?? 0;
    expect([app.screen.cell(x, y).getFgColor(), app.screen.cell(x, y).isBold() !== 0]).toEqual([
      1,
      true,
    ]);
    const selected = app.screen.lines().findIndex((line) => line.includes("SCOPE write"));
    expect(app.screen.cell(20, selected).isInverse()).not.toBe(0);
  });

  test("mono uses no colour at all", async () => {
    await using app = await runApp(foundingCase(), { theme: "mono" });
    // Colours are 30-37, 38, 40-47, 48 and 90 on.
    expect(app.screen.written).not.toMatch(/\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m/);
    expect(app.screen.text()).toContain("SHORT -write");
  });
});

describe("moving around", () => {
  test("Tab and the digits give each pane the focus", async () => {
    await using app = await runApp(foundingCase());
    await app.press("4");
    expect(app.screen.text()).toContain("4 Detail");
    await app.press("3");
    expect(app.screen.text()).toContain("3 Diagnosis");
    await app.press(KEYS.tab);
    expect(app.screen.text()).toContain("4 Detail");
    await app.press(KEYS.tab, KEYS.down, KEYS.enter);
    expect(app.screen.text()).toContain("2 Frames of c2");
    await app.press(KEYS.down);
    expect(app.screen.text()).toContain("2 Frames of c2");
  });

  test("] and [ go from finding to finding, ^O goes back", async () => {
    await using app = await runApp(foundingCase());
    await app.press("g");
    const before = selectedLine(app.screen.lines());
    await app.press("]", "]");
    expect(selectedLine(app.screen.lines())).not.toBe(before);
    await app.press(KEYS.ctrlO, KEYS.ctrlO);
    expect(selectedLine(app.screen.lines())).toBe(before);
  });

  test(":12 goes to an entry, and one that is not there is said", async () => {
    await using app = await runApp(foundingCase());
    await app.press(":", "1", "2", KEYS.enter);
    expect(app.screen.text()).toContain("#12 of 21");
    await app.press(":", "9", "9", "9", KEYS.enter);
    expect(app.screen.text()).toContain("there is no entry #999");
  });

  test("the detail pane folds, unfolds, and keeps a fold from frame to frame", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    await app.press("4", "%");
    expect(app.screen.text()).toContain('"params": {');
    await app.press(...keys("jjjj"), "h");
    expect(app.screen.text()).toContain('"params": { 2 keys }');
    await app.press("2", ".", ",");
    expect(app.screen.text()).toContain('"params": { 2 keys }');
    await app.press("4", "e");
    expect(app.screen.text()).toContain('"idempotencyKey": "k1"');
  });

  test("resize lays out anew, down to the smallest and back", async () => {
    await using app = await runApp(foundingCase(), { size: [120, 40] });
    const large = app.screen.text();
    for (const [columns, rows] of [
      [80, 24],
      [60, 16],
      [20, 5],
      [3, 1],
      [120, 40],
    ] as const) {
      app.screen.resize(columns, rows);
      await app.screen.settle();
    }
    const after = app.screen.text();
    await app.press("\x0c");
    expect(app.screen.text()).toBe(after);
    expect(after.split("\n")[0]).toBe(large.split("\n")[0]);
  });

  test("a key without a meaning says so and does nothing", async () => {
    await using app = await runApp(foundingCase());
    await app.press("r");
    expect(app.screen.text()).toContain("r is not bound: ? helps");
  });
});

describe("help, filter and find", () => {
  test("help filters as it is typed, by word and by key", async () => {
    await using app = await runApp(foundingCase());
    await app.press("?", ...keys("follow"));
    expect(app.screen.text()).toContain("follow the newest frame");
    expect(app.screen.text()).not.toContain("next pane");
    await app.press(...Array<string>(6).fill(KEYS.backspace), "%");
    expect(app.screen.text()).toContain("request <-> response");
    await app.press("zz");
    expect(app.screen.text()).toContain("no key does that");
  });

  test("a filter holds while it is typed, keeps the last good one, and Esc takes it back", async () => {
    await using app = await runApp(foundingCase());
    await app.press("/", ...keys("ok==false"));
    expect(app.screen.text()).toContain("valid  1 of 21  scan 100%");
    expect(app.screen.text()).toContain("2 Frames where ok==false");
    await app.press(...keys(" && colour==red"));
    expect(app.screen.text()).toContain('position 14: there is no field "colour"');
    expect(app.screen.text()).toContain("2 Frames where ok==false");
    app.keyboard.write("\x1b");
    await app.shows("2 Frames ─");
  });

  test("a filter that hides the selection gives it back when it goes", async () => {
    await using app = await runApp(foundingCase());
    await app.press(":", "1", "2", KEYS.enter, "/", ...keys("method~nothing"), KEYS.enter);
    expect(app.screen.text()).toContain("0 of 21 frames match");
    app.keyboard.write("\x1b");
    await app.shows("#12 of 21");
  });

  test("find goes from match to match without hiding", async () => {
    await using app = await runApp(foundingCase());
    await app.press("g", "\x06", ...keys("method==agent"), KEYS.enter);
    expect(selectedLine(app.screen.lines())).toContain("agent");
    const first = selectedLine(app.screen.lines());
    await app.press("n");
    expect(selectedLine(app.screen.lines())).not.toBe(first);
    await app.press("N");
    expect(selectedLine(app.screen.lines())).toBe(first);
  });

  test("pasted text never runs as keys", async () => {
    await using app = await runApp(foundingCase());
    await app.press("\x1b[200~Q:q\rG\x1b[201~");
    expect(app.screen.isAlternate).toBe(true);
    await app.press("/", "\x1b[200~!ok\n&& conn==c1\x1b[201~");
    expect(app.screen.text()).toContain("Filter: !ok && conn==c1");
  });
});

describe("a recording that is still written", () => {
  const more = (count: number, startMs: number) =>
    conversation(
      { connection: 9, startMs },
      ...Array.from({ length: count }, (_, i) => event("tick", {}, i + 1)),
    );

  test("follows, and says so", async () => {
    await using app = await runApp(foundingCase(), { live: true });
    await app.shows("FOLLOW");
    for (const entry of more(30, 1000)) app.writer.append(entry);
    await app.shows("#55 of 55");
    expect(app.screen.text()).toContain("LIVE");
    expect(selectedLine(app.screen.lines())).toContain("55");
  });

  test("moving up ends the follow; the selection stays on its frame while rows arrive", async () => {
    await using app = await runApp(foundingCase(), { live: true });
    await app.shows("#21 of 21");
    await app.press("k");
    const before = selectedLine(app.screen.lines());
    for (const entry of more(500, 1000)) app.writer.append(entry);
    await app.shows("#20 of 525");
    expect(app.screen.text()).not.toContain("FOLLOW");
    expect(selectedLine(app.screen.lines())).toBe(before);
    await app.press("G");
    expect(app.screen.text()).toContain("FOLLOW");
  });

  test("p freezes the view and counts what waits", async () => {
    await using app = await runApp(foundingCase(), { live: true });
    await app.shows("#21 of 21");
    await app.press("p");
    for (const entry of more(10, 1000)) app.writer.append(entry);
    await app.shows("PAUSED +14");
    expect(app.screen.text()).toContain("#21 of 21");
    await app.press("p");
    expect(app.screen.text()).toContain("#35 of 35");
  });

  test("an empty recording says that it waits", async () => {
    await using app = await runApp([], { live: true });
    expect(app.screen.text()).toContain("no client has connected");
    for (const entry of conversation({}, req("1", "health"))) app.writer.append(entry);
    await app.shows("health");
  });
});

describe("the terminal", () => {
  test("is taken and given back", async () => {
    const app = await runApp(foundingCase());
    expect([
      app.screen.isAlternate,
      app.screen.mouseMode,
      app.screen.marksPaste,
      app.keyboard.isRaw,
    ]).toEqual([true, "vt200", true, true]);
    await app.press("q");
    await app.ended;
    await app.screen.settle();
    expect([
      app.screen.isAlternate,
      app.screen.mouseMode,
      app.screen.marksPaste,
      app.keyboard.isRaw,
    ]).toEqual([false, "none", false, false]);
    await app[Symbol.asyncDispose]();
  });

  test("is left alone by the mouse when it was told so", async () => {
    await using app = await runApp(foundingCase(), { mouse: false });
    expect(app.screen.mouseMode).toBe("none");
    await app.press(":", ...keys("mouse on"), KEYS.enter);
    expect(app.screen.mouseMode).toBe("vt200");
  });

  test("a click selects, a second one opens, two wheel turns in one read both count", async () => {
    await using app = await runApp(foundingCase());
    const y = app.screen.lines().findIndex((line) => line.includes("req  agent"));
    await app.press(`\x1b[<0;20;${y + 1}M`);
    expect(selectedLine(app.screen.lines())).toContain("req  agent");
    await app.press(`\x1b[<0;20;${y + 1}M`);
    expect(app.screen.text()).toContain("4 Detail  #8");
    await app.press("2", "g", `\x1b[<65;20;${y + 1}M\x1b[<65;20;${y + 1}M`);
    expect(selectedLine(app.screen.lines())).toMatch(/^│>\s+7 /);
  });
});

function keys(text: string): readonly string[] {
  return text.split("");
}

function selectedLine(lines: readonly string[]): string | undefined {
  const frames = lines.findIndex((line) => line.includes("2 Frames"));
  return lines.slice(frames).find((line) => line.startsWith("│>"));
}
