import type { Command } from "commander";
import { EXAMPLES } from "./examples.ts";
import { ownField } from "../gateway/json-object.ts";

/** Puts the examples of a command, and of those below it, at the end of their help. */
export function addExamples(command: Command, path: string): void {
  const examples = ownField(EXAMPLES, path) ?? [];
  if (examples.length > 0) {
    const lines = examples.map(({ line, says }) => `  ${line}\n      ${says}`);
    command.addHelpText("after", ["\nExamples:", ...lines].join("\n"));
  }
  for (const inner of command.commands) addExamples(inner, `${path} ${inner.name()}`);
}
