import { Command } from "commander";

/** A command of which only the summary is known until it is wanted. */
export interface LazyCommand {
  readonly summary: string;
  /** Not for people: left out of the list of commands. */
  readonly hidden?: true;
  readonly load: () => Promise<Command>;
}

/** Lazy commands by their names. */
export type LazyCommands = Readonly<Record<string, LazyCommand>>;

/** Loads a command and gives it what every command has: summary, description, and examples in its help. */
export async function loadCommand(name: string, { summary, load }: LazyCommand): Promise<Command> {
  const [command, { addExamples }] = await Promise.all([load(), import("./help-examples.ts")]);
  addExamples(command, name);
  return describe(command, summary);
}

/** A command that is only listed. */
export function listedCommand(name: string, { summary }: LazyCommand): Command {
  return describe(new Command(name), summary);
}

function describe(command: Command, summary: string): Command {
  return command.summary(summary).description(command.description() || summary);
}
