import { Option } from "commander";

/** An option that may be given more than once; without it, its list is empty. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).default([], "none").argParser(collect);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
