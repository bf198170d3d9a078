import { Command, Option } from "commander";
import { openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { setFlagsFromString } from "node:v8";
import { GwTraceError, usageError } from "../errors.ts";
import type { RecordingReader } from "../recording/reader.ts";
import type { App, AppOptions } from "../tui/app.ts";
import type { LiveState } from "../tui/state.ts";
import { speaksUtf8, tell } from "./output.ts";
import { profileOption, readProfiles, type ProfileOptions } from "./profile-option.ts";
import { openNamed } from "./read-traces.ts";
import { splitCommand } from "./split-command.ts";

interface TuiOptions extends ProfileOptions {
  readonly theme: "default" | "light" | "mono" | "cb";
  readonly color: boolean;
  readonly ascii?: true;
  readonly mouse: boolean;
  readonly live?: true;
  readonly url?: string;
}

/** `gw-trace tui [recording]`: look at a recording in the terminal, also while it is written. */
export function tuiCommand(): Command {
  const theme = new Option("--theme <name>", "colours of the screen");
  return new Command("tui")
    .argument(
      "[recording...]",
      "a path, a name, `last` for the newest (the default), `-` for standard input",
    )
    .usage("[options] [recording]\n       gw-trace tui --live [--url <url>] [-- command...]")
    .addOption(theme.choices(["default", "light", "mono", "cb"]).default("default"))
    .addOption(profileOption())
    .option("--live", "record now, and look at it at once; a command may follow after --")
    .option("--url <url>", "with --live: the Gateway (default as for gw-trace record)")
    .option("--no-color", "no colours, as with NO_COLOR")
    .option("--ascii", "draw with ASCII only, and show all other characters as escapes")
    .option("--no-mouse", "leave the mouse to the terminal")
    .addHelpText("after", "\nInside, ? lists the keys and q quits.")
    .action(async (words: readonly string[], options: TuiOptions, self: Command) => {
      const { operands, command } = splitCommand(words, self);
      checkUsage(operands, command, options);
      checkTerminal(process.env);
      keepHeapSmall();
      if (options.live === true) await showLive(command, options);
      else await showRecording(operands[0] ?? "last", options);
    });
}

async function showRecording(name: string, options: TuiOptions): Promise<void> {
  await using reader = await openNamed(name);
  await show(reader, options, null, () => undefined);
}

async function showLive(command: readonly string[] | null, options: TuiOptions): Promise<void> {
  const { startLive } = await import("./tui-live.ts");
  await using recording = await startLive(command, options.url);
  const { reader, live, path } = recording;
  await show(reader, options, live, (app) => {
    recording.onTrouble = (trouble) => app.tell({ type: "live", live: { ...live, trouble } });
    recording.runCommand();
  });
  tell(`recorded in ${path}\n`);
}

async function show(
  reader: RecordingReader,
  options: TuiOptions,
  live: LiveState | null,
  begin: (app: App) => void,
): Promise<void> {
  const input = openKeyboard();
  // blessed is loaded only now: it costs time and touches the process.
  const { App } = await import("../tui/app.ts");
  const { RecordingFeed } = await import("../tui/reading/recording-feed.ts");
  const app = new App(
    new RecordingFeed(reader, readProfiles(options)),
    { input, output: process.stdout },
    {
      ...appOptions(options, process.env),
      live,
    },
  );
  begin(app);
  await app.run();
  if (input !== process.stdin) input.destroy();
}

// Nearly all that is read is forgotten at once. Left alone, V8 takes some 50 MB more for it than it needs, to collect less often.
function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=100");
}

function checkUsage(
  operands: readonly string[],
  command: readonly string[] | null,
  { live, url }: TuiOptions,
): void {
  const problem =
    live === true
      ? operands.length > 0 && `--live records anew: it does not take ${operands[0]}`
      : operands.length > 1
        ? `one recording can be looked at, not ${operands.length}`
        : (command !== null || url !== undefined) && "--url and a command go with --live";
  if (problem === false) return;
  throw usageError(problem, "Write gw-trace tui [recording] or gw-trace tui --live.");
}

function checkTerminal(env: NodeJS.ProcessEnv): void {
  if (!process.stdout.isTTY) throw noTerminal("standard output is no terminal");
  if (env["TERM"] === "dumb") throw noTerminal("TERM is dumb");
}

// Standard input may carry the recording, or come from a script: keys come from the terminal itself then.
function openKeyboard(): ReadStream {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch (error) {
    throw noTerminal("there is no keyboard to read keys from", error);
  }
}

function noTerminal(why: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "NO_TERMINAL",
    `the terminal UI needs a terminal: ${why}`,
    "Use gw-trace show for a text report.",
    { cause },
  );
}

function appOptions(options: TuiOptions, env: NodeJS.ProcessEnv): AppOptions {
  const isColourless = !options.color || (env["NO_COLOR"] ?? "") !== "";
  return {
    theme: isColourless ? "mono" : options.theme,
    charset: options.ascii === true || !speaksUtf8(env) ? "ascii" : "unicode",
    mouse: options.mouse,
  };
}
