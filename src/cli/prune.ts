import { lstat, rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { usageError } from "../errors.ts";
import { findRecordings, recordingsFolder } from "../recording/locate.ts";
import { renderPruneList, type OldRecording } from "../views/prune.ts";
import { parseDurationMs, readQuantity } from "./parse-quantity.ts";
import { print, renderJson, tell } from "./output.ts";

interface PruneOptions {
  readonly olderThan: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `gw-trace prune --older-than 30d`: deletes recordings that were not written to for so long. */
export function pruneCommand(): Command {
  return new Command("prune")
    .requiredOption("--older-than <time>", "only those not written to for so long, such as 30d")
    .option("--dry-run", "only list them")
    .option("--yes", "do not ask")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nOnly recordings (.gwtrace) right in the recordings folder are deleted; gw-trace ls shows which that is.",
    )
    .action(prune);
}

async function prune({ olderThan, dryRun, yes, json }: PruneOptions): Promise<void> {
  const olderMs = readQuantity("--older-than", olderThan, parseDurationMs, "30d");
  const folder = recordingsFolder(process.env, process.cwd());
  const old = await findOld(folder, Date.now() - olderMs);
  const list = renderPruneList(folder, old, Date.now());
  if (json !== true || (dryRun !== true && yes !== true)) tell(list);
  const goOn = dryRun !== true && old.length > 0 && (yes === true || (await ask(old.length)));
  if (goOn) for (const { path } of old) await rm(path, { force: true });
  const deleted = goOn ? old : [];
  if (json === true) print(renderJson({ folder, found: old, deleted }));
  else for (const { path } of deleted) print(`${path}\n`);
}

async function findOld(folder: string, beforeMs: number): Promise<readonly OldRecording[]> {
  const old: OldRecording[] = [];
  for (const { name, path, header } of await findRecordings(folder)) {
    // What only has the ending of a recording may be anything.
    if (header === null) continue;
    const stats = await lstat(path);
    if (!stats.isFile() || stats.mtimeMs >= beforeMs) continue;
    old.push({ name, path, sizeBytes: stats.size, changedMs: stats.mtimeMs });
  }
  return old;
}

async function ask(count: number): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw usageError(
      "there is no terminal to ask on whether to delete them",
      "Add --yes to delete them, or --dry-run to only list them.",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(
      `Delete ${count === 1 ? "it" : `these ${count}`}? [y/N] `,
    );
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
