import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRecording } from "../../src/recorder/writer.ts";
import { HEADER } from "../support/traces.ts";
import type { FakeOutput } from "./fake-terminal.ts";
import { foundingCase } from "./founding-case.ts";
import { runPty, whyNoPty } from "./pty.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let folder: string;
let recording: string;
let tui: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-terminal-"));
  recording = join(folder, "founding.gwtrace");
  const writer = await createRecording(recording, HEADER);
  for (const entry of foundingCase()) writer.append(entry);
  await writer.close();
  tui = `exec ${process.execPath} ${MAIN} tui ${recording}`;
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const isUp = (screen: FakeOutput): boolean =>
  screen.isAlternate && screen.text().includes("SCOPE write");
const isRestored = (screen: FakeOutput): boolean =>
  !screen.isAlternate && screen.mouseMode === "none" && !screen.marksPaste;

describe("without a terminal", () => {
  test("one line and exit code 2", () => {
    const run = spawnSync(process.execPath, [MAIN, "tui", recording], { encoding: "utf8" });
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(/^gw-trace: the terminal UI needs a terminal: .*gw-trace show.*\n$/);
  });
});

const noPty = whyNoPty();

describe.skipIf(noPty !== null)(`on a real terminal${noPty === null ? "" : ` (${noPty})`}`, () => {
  test("q leaves it as it was", async () => {
    await using run = await runPty(tui);
    await run.until("it is up", isUp);
    expect(run.screen.mouseMode).toBe("vt200");
    run.type("q");
    expect(await run.exit).toBe(0);
    await run.until("it is restored", isRestored);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
  ] as const)("%s restores it, and the program dies of the signal", async (signal, code) => {
    await using run = await runPty(tui);
    await run.until("it is up", isUp);
    process.kill(await run.pid(), signal);
    expect(await run.exit).toBe(code);
    await run.until("it is restored", isRestored);
  });

  test("--live says where to connect, and leaves a whole recording", async () => {
    const command = `exec ${process.execPath} ${MAIN} tui --live --url ws://127.0.0.1:1 -- true`;
    await using run = await runPty(command, { GW_TRACE_DIR: folder });
    await run.until("it waits", (screen) => screen.text().includes("point one at ws://127.0.0.1:"));
    await run.until("its command has ended", (screen) =>
      screen.text().includes("true ended with 0"),
    );
    run.type("q");
    expect(await run.exit).toBe(0);
    await run.until("it names the file", (screen) => screen.text().includes("recorded in"));
  });

  test("a crash restores it, shows the stack, and ends with code 70", async () => {
    const fault = encodeURIComponent(`process.on("SIGUSR2", () => { throw new Error("boom"); })`);
    await using run = await runPty(tui, { NODE_OPTIONS: `--import data:text/javascript,${fault}` });
    await run.until("it is up", isUp);
    process.kill(await run.pid(), "SIGUSR2");
    expect(await run.exit).toBe(70);
    await run.until("it is restored", isRestored);
    expect(run.screen.text()).toContain("internal error: Error: boom");
  });

  test("Ctrl-Z gives it to the shell, fg takes it again", async () => {
    await using run = await runPty("exec bash --norc --noprofile -i", { PS1: "ready> " });
    await run.until("the shell is there", (screen) => screen.text().includes("ready>"));
    run.type(`${tui.replace("exec ", "")}\r`);
    await run.until("it is up", isUp);
    run.type("\x1a");
    // The shell marks pastes itself.
    const isBack = ({ isAlternate, mouseMode }: FakeOutput) => !isAlternate && mouseMode === "none";
    await run.until(
      "the shell is back",
      (screen) => isBack(screen) && screen.text().includes("Stopped"),
    );
    run.type("fg\r");
    await run.until("it is up again", isUp);
    expect(run.screen.mouseMode).toBe("vt200");
    run.type("q");
    await run.until("it is restored", isBack);
    run.type("exit\r");
    expect(await run.exit).toBe(0);
  });

  test("a new size is taken up", async () => {
    await using run = await runPty(tui);
    await run.until("it is up", isUp);
    await run.resize(120, 40);
    await run.until(
      "all panes show",
      (screen) => screen.lines()[0]?.length === 119 && screen.text().includes("4 Detail"),
    );
    run.type("q");
    expect(await run.exit).toBe(0);
  });

  test("a recording may come through a pipe: keys come from the terminal", async () => {
    await using run = await runPty(`cat ${recording} | ${process.execPath} ${MAIN} tui -`);
    await run.until("it is up", isUp);
    run.type("/!ok\r");
    await run.until("keys arrive", (screen) => screen.text().includes("2 Frames where !ok"));
    run.type("q");
    expect(await run.exit).toBe(0);
    await run.until("it is restored", isRestored);
  });

  test("TERM=dumb is refused before anything is drawn", async () => {
    await using run = await runPty(tui, { TERM: "dumb" });
    expect(await run.exit).toBe(2);
    await run.screen.settle();
    expect(run.screen.written).not.toContain("\x1b");
    expect(run.screen.text()).toContain("TERM is dumb");
  });

  test.each(["tmux-256color", "screen-256color", "xterm-kitty", "nonsense"])(
    "TERM=%s is no trouble",
    async (term) => {
      await using run = await runPty(tui, { TERM: term });
      await run.until("it is up", isUp);
      expect(run.screen.lines()[1]).toMatch(/^┌─ 1 Connections ─+/);
      run.type("q");
      expect(await run.exit).toBe(0);
    },
  );
});
