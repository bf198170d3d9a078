import { Command } from "commander";
import { usageError } from "../errors.ts";
import { copiedEntries } from "../recording/holes.ts";
import { mergeRecordings, type MergedPart } from "../reduce/merge.ts";
import { renderCount } from "../views/quantity.ts";
import { newRecordingPath } from "./write-recording.ts";
import { collect, openNamed } from "./read-traces.ts";
import { writeRecording } from "./write-recording.ts";
import { printResult, tell } from "./output.ts";

interface MergeOptions {
  readonly output?: string;
  readonly json?: true;
}

/** `gw-trace merge <recording...>`: several recordings as one, by the wall clock. */
export function mergeCommand(): Command {
  return new Command("merge")
    .argument("<recording...>", "two or more: paths, names, `last`")
    .option("-o, --output <file>", "where to write (default: the recordings folder)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nConnections are numbered anew in order of arrival. Recordings were redacted each for itself: equal credentials do not look equal.",
    )
    .action(merge);
}

async function merge(names: readonly string[], options: MergeOptions): Promise<void> {
  if (names.length < 2) throw usageError("merge takes two recordings or more", "Name them all.");
  const parts: MergedPart[] = [];
  for (const name of names) {
    await using reader = await openNamed(name);
    parts.push({ header: reader.header, entries: await collect(copiedEntries(reader)) });
  }
  const { header, entries } = mergeRecordings(parts);
  const path = await newRecordingPath({ name: null, output: options.output ?? null });
  const written = await writeRecording(path, header, entries);
  printResult(options.json, written, () => `${written.path}\n`);
  const connections = new Set(entries.map(({ connection }) => connection).filter((id) => id > 0));
  tell(
    `merged ${renderCount(parts.length, "recording")}: ${renderCount(connections.size, "connection")}, ${written.entries.toLocaleString("en-US")} entries\n`,
  );
}
