import { Command } from "commander";
import { GwTraceError, usageError } from "../errors.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { RecordingHeader } from "../recording/entry.ts";
import { copiedEntries } from "../recording/holes.ts";
import { Cut, keepChosen } from "../reduce/cut.ts";
import { applyFilter, FILTER_HELP } from "./filter-option.ts";
import { parseDurationMs } from "./parse-quantity.ts";
import { OpenRecordings } from "./read-traces.ts";
import { writePart } from "./write-recording.ts";
import { RECORDING_HELP } from "./recording-argument.ts";
import { printResult, tell } from "./output.ts";

interface CutOptions {
  readonly filter?: string;
  readonly connection?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly output?: string;
  readonly json?: true;
}

/** `gw-trace cut <recording>`: the part that is wanted, as a recording that still makes sense. */
export function cutCommand(): Command {
  return new Command("cut")
    .argument("<recording>", RECORDING_HELP)
    .option("--filter <expression>", FILTER_HELP)
    .option("--connection <number...>", "only these connections")
    .option("--from <when>", "not before: time since the start such as 90s, or a date and time")
    .option("--to <when>", "not after")
    .option("-o, --output <file>", "where to write (default: <name>-cut in the recordings folder)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nConnections that stay keep their opening, handshake and end; a request keeps its answers.",
    )
    .action(cut);
}

async function cut(name: string, options: CutOptions): Promise<void> {
  const { filter, connection, from, to } = options;
  if ([filter, connection, from, to].every((option) => option === undefined)) throw nothingAsked();
  await using recordings = await OpenRecordings.open([name], filter);
  const { reader, trace } = recordings.first;
  const matched =
    filter === undefined
      ? null
      : ((await applyFilter(filter, recordings, diagnose([trace]))).matched[0] ?? new Map());
  const connections = connection === undefined ? null : readConnections(connection);
  const fromMs = from === undefined ? -Infinity : readMoment("--from", from, reader.header);
  const toMs = to === undefined ? Infinity : readMoment("--to", to, reader.header);
  const plan = new Cut(trace);
  for await (const entry of copiedEntries(reader)) {
    plan.look(
      entry,
      (matched === null || matched.has(entry.entry)) &&
        (connections === null || connections.has(entry.connection)) &&
        entry.atMs >= fromMs &&
        entry.atMs <= toMs,
    );
  }
  const chosen = plan.chosen();
  if (chosen.size === 0)
    throw usageError(
      `nothing in ${reader.name} fits ${wordsOf(options).join(" and ")}`,
      "Ask for less at once; gw-trace show --frames lists what there is, with times and connections.",
    );
  const kept = keepChosen(copiedEntries(reader), chosen);
  const written = await writePart(reader, "cut", options.output, kept);
  const made = { ...written, from: reader.entryCount };
  printResult(options.json, made, () => `${written.path}\n`);
  tell(
    `kept ${chosen.size.toLocaleString("en-US")} of ${reader.entryCount.toLocaleString("en-US")} entries\n`,
  );
}

/** What was asked for, as it was written. */
function wordsOf({ filter, connection, from, to }: CutOptions): readonly string[] {
  const asked = { filter, connection: connection?.join(" "), from, to };
  return Object.entries(asked).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${value}`],
  );
}

function nothingAsked(): GwTraceError {
  return usageError("cut is not told what to keep", "Add --filter, --connection, --from or --to.");
}

function readConnections(texts: readonly string[]): ReadonlySet<number> {
  return new Set(
    texts.map((text) => {
      if (/^\d+$/.test(text)) return Number(text);
      throw usageError(`--connection ${text} is no number`, "Write it as in --connection 2 3.");
    }),
  );
}

function readMoment(option: string, text: string, { startedAt }: RecordingHeader): number {
  const sinceStart = parseDurationMs(text);
  if (sinceStart !== null) return sinceStart;
  const wallMs = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(wallMs)) return wallMs - Date.parse(startedAt);
  throw usageError(
    `${option} ${text} cannot be read`,
    `Write it as in ${option} 90s or ${option} 2026-11-23T04:00:00Z.`,
  );
}
