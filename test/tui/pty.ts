import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { FakeOutput } from "./fake-terminal.ts";

/** A shell command that runs on a real pseudo-terminal. */
export interface PtyRun extends AsyncDisposable {
  readonly screen: FakeOutput;
  type(keys: string): void;
  /** Waits until the screen fits. */
  until(what: string, fits: (screen: FakeOutput) => boolean): Promise<void>;
  /** The process id of the command, or of the shell that it began as. */
  pid(): Promise<number>;
  /** Changes the size of the terminal, as a window that is dragged does. */
  resize(columns: number, rows: number): Promise<void>;
  /** The exit code; 128 + n after signal n. All that was printed is on the screen then. */
  readonly exit: Promise<number>;
}

/** Why there is no pseudo-terminal here, or null: `script` of util-linux makes one without any native module. */
export function whyNoPty(): string | null {
  const { stdout } = spawnSync("script", ["--version"], { encoding: "utf8" });
  return typeof stdout === "string" && stdout.includes("util-linux")
    ? null
    : "script(1) of util-linux is missing";
}

/** Runs a shell command on a pseudo-terminal of 80x24. `exec` the program in it, so that signals meet the program. */
export async function runPty(command: string, env: NodeJS.ProcessEnv = {}): Promise<PtyRun> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-pty-"));
  const pidFile = join(folder, "pid");
  const ttyFile = join(folder, "tty");
  // script gives the terminal no size of its own.
  const prepared = `stty rows 24 cols 80; echo $$ > ${pidFile}; tty > ${ttyFile}; ${command}`;
  const child = spawn("script", ["-qfec", prepared, "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const screen = new FakeOutput(80, 24);
  child.stdout.pipe(screen);
  // What was printed last may still be on its way through the emulator when the command is gone.
  const isPainted = finished(screen);
  const exit = new Promise<number>((resolve) => {
    child.on("close", (code) => void isPainted.then(() => resolve(code ?? -1)));
  });
  return {
    screen,
    exit,
    type: (keys) => child.stdin.write(keys),
    until: (what, fits) => until(screen, what, fits),
    pid: async () => Number((await readFile(pidFile, "utf8")).trim()),
    resize: async (columns, rows) => {
      const tty = (await readFile(ttyFile, "utf8")).trim();
      spawnSync("stty", ["-F", tty, "rows", String(rows), "cols", String(columns)]);
      screen.resize(columns, rows);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exit;
      await rm(folder, { recursive: true });
    },
  };
}

async function until(
  screen: FakeOutput,
  what: string,
  fits: (screen: FakeOutput) => boolean,
): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    await screen.settle();
    if (fits(screen)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came to pass that ${what}:\n${screen.text()}`);
}
