import type { Command } from "commander";

/** What a user wrote, parted at the `--`. */
export interface SplitArguments {
  readonly operands: readonly string[];
  /** What followed the `--`; null when there was none. */
  readonly command: readonly string[] | null;
}

/** Parts the operands that commander found at the `--`, which it drops without saying where it stood. */
export function splitCommand(operands: readonly string[], self: Command): SplitArguments {
  const raw = rawArguments(self);
  const dashes = raw.indexOf("--");
  if (dashes < 0) return { operands, command: null };
  const command = raw.slice(dashes + 1);
  return { operands: operands.slice(0, operands.length - command.length), command };
}

function rawArguments(self: Command): readonly string[] {
  // Commander keeps what it was given on the topmost command only, and does not declare it.
  let top: Command = self;
  while (top.parent !== null) top = top.parent;
  return "rawArgs" in top && Array.isArray(top.rawArgs) ? top.rawArgs.map(String) : [];
}
