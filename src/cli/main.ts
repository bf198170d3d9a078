#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { GwTraceError } from "../errors.ts";
import { TOOL_VERSION } from "../version.ts";
import { watchStdout } from "./closed-stdout.ts";
import { COMMANDS } from "./commands.ts";
import { listedCommand, loadCommand } from "./lazy-command.ts";

/** What commander found wrong with the words, and the command that it was about. */
interface Misuse {
  readonly text: string;
  readonly path: string;
}

let misuse: Misuse | null = null;

/** Has a command and those below it leave what was wrong, and the exit code, to us. */
function keepQuiet(command: Command, path: string): void {
  command.exitOverride().configureOutput({ outputError: (text) => (misuse = { text, path }) });
  for (const inner of command.commands) keepQuiet(inner, `${path} ${inner.name()}`);
}

async function buildProgram(wanted: string): Promise<Command> {
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
  keepQuiet(program, "gw-trace");
  return program;
}

async function main(args: readonly string[]): Promise<void> {
  // `help show` is `show --help`, so that it knows the command's own help.
  const [first, ...rest] = args;
  const words = first === "help" && rest.length > 0 ? [...rest, "--help"] : args;
  const [wanted = "--help"] = words;
  const names = Object.entries(COMMANDS).flatMap(([name, { hidden }]) =>
    hidden === true ? [] : [name],
  );
  if (!wanted.startsWith("-") && wanted !== "help" && !Object.hasOwn(COMMANDS, wanted)) {
    // Loaded only now, as nearly always nothing is wrong.
    const { unknownCommand } = await import("./usage-errors.ts");
    throw unknownCommand(wanted, names);
  }
  const program = await buildProgram(wanted);
  await program.parseAsync(words, { from: "user" });
}

async function fail(thrown: unknown, json: boolean): Promise<void> {
  if (thrown instanceof CommanderError && misuse === null) {
    // Commander has printed what was wanted (0), or its help because nothing was (1).
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    return;
  }
  const error = misuse === null ? thrown : await describeMisuse(misuse);
  const { exitCodeOf, renderError, tell } = await import("./output.ts");
  tell(`${renderError(error, json)}\n`);
  process.exitCode = error instanceof GwTraceError ? exitCodeOf(error.code) : 70;
}

async function describeMisuse({ text, path }: Misuse): Promise<GwTraceError> {
  const { misuseError } = await import("./usage-errors.ts");
  return misuseError(text, path);
}

watchStdout();
// Nobody reads what is said any more (`gw-trace record 2>&1 | head`): no reason to cut the traffic off.
process.stderr.on("error", () => undefined);

const args = process.argv.slice(2);
// What follows -- is another program's.
const end = args.indexOf("--");
const json = (end < 0 ? args : args.slice(0, end)).includes("--json");
try {
  await main(args);
} catch (error) {
  await fail(error, json);
}
