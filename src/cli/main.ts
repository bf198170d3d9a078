#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { GwTraceError } from "../errors.ts";
import { TOOL_VERSION } from "../version.ts";
import { COMMANDS } from "./commands.ts";
import { listedCommand, loadCommand } from "./lazy-command.ts";
import { exitCodeOf, renderError } from "./output.ts";
import { speakPlainly, unknownCommand } from "./usage-errors.ts";

async function buildProgram(wanted: string, json: boolean): Promise<Command> {
  const program = new Command("gw-trace")
    .description("Record, understand and replay the protocol of the OpenClaw Gateway.")
    .version(TOOL_VERSION, "-V, --version")
    .addHelpText(
      "after",
      "\nStart with:  gw-trace demo   or   gw-trace record, then point a client at the address it prints.",
    );
  for (const [name, lazy] of Object.entries(COMMANDS)) {
    const command = name === wanted ? await loadCommand(name, lazy) : listedCommand(name, lazy);
    program.addCommand(command, { hidden: lazy.hidden === true });
  }
  speakPlainly(program, "gw-trace", json);
  return program;
}

async function main(args: readonly string[], json: boolean): Promise<void> {
  // `help show` is `show --help`, so that it knows the command's own help.
  const [first, ...rest] = args;
  const words = first === "help" && rest.length > 0 ? [...rest, "--help"] : args;
  const [wanted = "--help"] = words;
  const names = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.hidden !== true);
  if (!wanted.startsWith("-") && wanted !== "help" && COMMANDS[wanted] === undefined)
    throw unknownCommand(wanted, names);
  const program = await buildProgram(wanted, json);
  await program.parseAsync(words, { from: "user" });
}

function fail(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    // Commander has printed already: help and version end well, everything else is wrong usage.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`${renderError(error, json)}\n`);
  process.exitCode = error instanceof GwTraceError ? exitCodeOf(error.code) : 70;
}

// A reader that closes early (`gw-trace show … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
// Nobody reads what is said any more (`gw-trace record 2>&1 | head`): no reason to cut the traffic off.
process.stderr.on("error", () => undefined);

const args = process.argv.slice(2);
// What follows -- is another program's.
const end = args.indexOf("--");
const json = (end < 0 ? args : args.slice(0, end)).includes("--json");
try {
  await main(args, json);
} catch (error) {
  fail(error, json);
}
