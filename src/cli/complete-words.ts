import type { Argument, Command, Option } from "commander";

/** Something that can stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly says: string;
}

/** What can stand where the cursor is: words, or any file as well. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/** What is known of the words that go where a `<name>` stands in a command's usage. */
export type ValuesOf = (name: string) => Promise<{
  readonly values: readonly string[];
  readonly files: boolean;
}>;

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** What can follow `words` within a command, in place of the last of them, which may be empty. */
export async function completeWords(
  command: Command,
  words: readonly string[],
  valuesOf: ValuesOf,
): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const at = walk(command, words.slice(0, -1));
  // Behind the dashes is a command of the user's own.
  if (at.pastDashes) return FILES;
  const joined = /^(--[^=]+=)(.*)$/.exec(current);
  if (joined !== null) {
    const [, head = "", value = ""] = joined;
    const option = findOption(at.command, head.slice(0, -1));
    const found = option === null ? NOTHING : await valuesFor(option, value, valuesOf);
    return { ...found, candidates: found.candidates.map((one) => ({ ...one, value: head + one.value })) };
  }
  if (at.option !== null) return valuesFor(at.option, current, valuesOf);
  if (current.startsWith("-")) return { candidates: optionsOf(at.command, current), files: false };
  if (at.command.commands.length > 0) {
    const inner = at.command.commands.map((one) => ({ value: one.name(), says: one.summary() || one.description() }));
    return { candidates: inner.filter(({ value }) => value.startsWith(current)), files: false };
  }
  const argument = argumentAt(at.command, at.operands);
  return argument === null ? NOTHING : valuesFor(argument, current, valuesOf);
} // prettier-ignore

interface Position {
  readonly command: Command;
  readonly operands: number;
  /** The option whose value comes next. */
  readonly option: Option | null;
  readonly pastDashes: boolean;
}

function walk(top: Command, words: readonly string[]): Position {
  let command = top;
  let operands = 0;
  let option: Option | null = null;
  for (const word of words) {
    if (option !== null) {
      option = null;
    } else if (word === "--") {
      return { command, operands, option, pastDashes: true };
    } else if (word.startsWith("-")) {
      const found = word.includes("=") ? null : findOption(command, word);
      option = found !== null && takesValue(found) ? found : null;
    } else {
      const inner = command.commands.find((one) => one.name() === word);
      operands = inner === undefined ? operands + 1 : 0;
      command = inner ?? command;
    }
  }
  return { command, operands, option, pastDashes: false };
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function findOption(command: Command, flag: string): Option | null {
  return command.options.find(({ short, long }) => short === flag || long === flag) ?? null;
}

function optionsOf(command: Command, start: string): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", says: description }))
    .filter(({ value }) => value.startsWith(start));
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | null {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : null);
}

async function valuesFor(
  what: Argument | Option,
  start: string,
  valuesOf: ValuesOf,
): Promise<Completion> {
  const known =
    what.argChoices === undefined
      ? await valuesOf(valueName(what))
      : { values: what.argChoices, files: false };
  const candidates = known.values
    .filter((value) => value.startsWith(start))
    .map((value) => ({ value, says: "" }));
  return { candidates, files: known.files };
}

/** The name between the brackets of an argument or an option: `finding` of `--fail-on <finding,...>`. */
export function valueName(what: Argument | Option): string {
  const name = "flags" in what ? (/[<[](.+)[>\]]/.exec(what.flags)?.[1] ?? "") : what.name();
  return name.replace(/,?\.\.\.$/, "");
}
