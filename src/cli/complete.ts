import { Command } from "commander";
import { valuesHere } from "./complete-values.ts";
import { completeWords, type Completion } from "./complete-words.ts";
import { loadCommand, type LazyCommands } from "./lazy-command.ts";
import { ownField } from "../gateway/json-object.ts";
import { print } from "./output.ts";

/** The line that tells a completion script to offer files as well. */
const FILES_LINE = ":files";

/**
 * `gw-trace __complete -- <words...>`: what the completion scripts ask. Prints a candidate a line, with a tab and what it is; loads
 * no more commands than the line names.
 */
export function completeCommand(commands: LazyCommands): Command {
  return new Command("__complete")
    .argument("[words...]", "the line up to the cursor, without the program")
    .action(async (words: readonly string[]) => {
      const { candidates, files } = await complete(commands, joinAtEquals(words));
      // A description ends where its line ends.
      const lines = candidates.map(({ value, says }) => `${value}\t${says.split("\n")[0] ?? ""}`);
      print([...lines, ...(files ? [FILES_LINE] : [])].map((line) => `${line}\n`).join(""));
    }); // prettier-ignore
}

async function complete(commands: LazyCommands, words: readonly string[]): Promise<Completion> {
  const [first = "", ...rest] = words[0] === "help" && words.length > 1 ? words.slice(1) : words;
  const lazy = ownField(commands, first);
  if (lazy !== undefined && rest.length > 0)
    return completeWords(await loadCommand(first, lazy), rest, valuesHere);
  const top = [
    ...Object.entries(commands)
      .filter(([, { hidden }]) => hidden !== true)
      .map(([value, { summary }]) => ({ value, says: summary })),
    { value: "help", says: "the help of a command" },
    { value: "--help", says: "what there is" },
    { value: "--version", says: "the version of gw-trace" },
  ];
  const isFirst = rest.length === 0;
  return {
    candidates: isFirst
      ? top.filter(
          ({ value }) => value.startsWith(first) && value.startsWith("-") === first.startsWith("-"),
        )
      : [],
    files: false,
  };
}

// bash makes three words of --format=js; what it is given back takes the place of the last one only.
function joinAtEquals(words: readonly string[]): readonly string[] {
  const at = words.length - (words.at(-1) === "=" ? 1 : 2);
  if (words[at] !== "=") return words;
  return [...words.slice(0, at), words[at + 1] ?? ""];
}
