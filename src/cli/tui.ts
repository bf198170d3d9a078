import { Command, Option } from "commander";
import { openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { GwTraceError } from "../errors.ts";
import type { AppOptions } from "../tui/app.ts";
import { openNamed } from "./read-traces.ts";

interface TuiOptions {
  readonly theme: "default" | "light" | "mono" | "cb";
  readonly color: boolean;
  readonly ascii?: true;
  readonly mouse: boolean;
}

/** `gw-trace tui [recording]`: look at a recording in the terminal, also while it is written. */
export function tuiCommand(): Command {
  const theme = new Option("--theme <name>", "colours of the screen");
  return new Command("tui")
    .argument(
      "[recording]",
      "a path, a name, `last` for the newest, `-` for standard input",
      "last",
    )
    .addOption(theme.choices(["default", "light", "mono", "cb"]).default("default"))
    .option("--no-color", "no colours, as with NO_COLOR")
    .option("--ascii", "draw with ASCII only, and show all other characters as escapes")
    .option("--no-mouse", "leave the mouse to the terminal")
    .addHelpText("after", "\nInside, ? lists the keys and q quits.")
    .action(async (name: string, options: TuiOptions) => {
      checkTerminal(process.env);
      await using reader = await openNamed(name);
      const input = openKeyboard();
      // blessed is loaded only now: it costs time and touches the process.
      const { App } = await import("../tui/app.ts");
      const { RecordingFeed } = await import("../tui/recording-feed.ts");
      const app = new App(
        new RecordingFeed(reader),
        { input, output: process.stdout },
        appOptions(options, process.env),
      );
      await app.run();
      if (input !== process.stdin) input.destroy();
    });
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

// The first of these that is set decides (POSIX); in a bare container none is, and terminals of today speak UTF-8.
function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  return !locale || /utf-?8/i.test(locale);
}
