import { Command } from "commander";
import { usageError } from "../errors.ts";
import { diagnose } from "../findings/diagnose.ts";
import { SubjectReader } from "../filter/subject.ts";
import { TraceBuilder } from "../trace/build.ts";
import { renderFrameLine } from "../views/frame-line.ts";
import { buildShowJson } from "../views/show-json.ts";
import { renderShow } from "../views/show.ts";
import { applyFilter, FILTER_HELP, type Filtered } from "./filter-option.ts";
import { print, renderJson, styleFor } from "./output.ts";
import { profileOption, readProfiles, type ProfileOptions } from "./profile-option.ts";
import { openNamed, OpenRecordings } from "./read-traces.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";

interface ShowOptions extends ProfileOptions {
  readonly json?: true;
  readonly filter?: string;
  readonly frames?: true;
  readonly tail?: string;
}

/** Read before the frames that `--tail` asks for, so that most answers among them find their requests. */
const TAIL_CONTEXT_ENTRIES = 500;

/** `gw-trace show <recording...>`: who connected with which scopes, what was called, and what went wrong. */
export function showCommand(): Command {
  return new Command("show")
    .argument("<recording...>", RECORDINGS_HELP)
    .option("--json", "print one JSON document")
    .option("--filter <expression>", FILTER_HELP)
    .option("--frames", "list the frames, one a line, instead of the report")
    .addOption(profileOption())
    .option("--tail <count>", "list the newest frames only, without reading the rest")
    .addHelpText(
      "after",
      "\nGive several recordings to contrast a failing connection with one that succeeded elsewhere.",
    )
    .action(show);
}

async function show(names: readonly string[], options: ShowOptions): Promise<void> {
  if (options.tail !== undefined) return showTail(names, options.tail, options);
  if (options.frames === true && options.json === true)
    throw usageError(
      "--frames lists frames as lines, so it goes with no --json",
      "gw-trace export --format jsonl writes each frame as a JSON document.",
    );
  await using recordings = await OpenRecordings.open(names, options.filter, readProfiles(options));
  const all = diagnose(recordings.traces);
  const shown: Filtered =
    options.filter === undefined
      ? { traces: recordings.traces, findings: all, matched: [] }
      : await applyFilter(options.filter, recordings, all);
  if (options.frames === true) {
    await printFrames(recordings, shown, options.filter !== undefined);
    return;
  }
  if (options.json === true) print(renderJson(buildShowJson(shown.traces, shown.findings)));
  else print(renderShow(shown.traces, shown.findings, styleFor(process.stdout, process.env)));
}

async function showTail(
  names: readonly string[],
  tail: string,
  { filter, json }: ShowOptions,
): Promise<void> {
  const count = /^[1-9]\d{0,8}$/.test(tail) ? Number(tail) : null;
  if (count === null) throw usageError(`--tail ${tail} is no count`, "Write it as in --tail 50.");
  if (filter !== undefined || json === true)
    throw usageError(
      `--tail lists frames as they are, so it goes with no ${json === true ? "--json" : "--filter"}`,
      "Use --filter with --frames, which reads the whole recording.",
    );
  const style = styleFor(process.stdout, process.env);
  for (const name of names) {
    await using reader = await openNamed(name);
    const entries = await reader.last(count + TAIL_CONTEXT_ENTRIES);
    const builder = new TraceBuilder(reader.header);
    for (const entry of entries) builder.add(entry);
    const { header, complete, missing } = reader;
    const recording = { name: reader.name, header, complete, missing, entryCount: entries.length };
    const subjects = new SubjectReader(builder.trace(recording), []);
    for (const entry of entries.slice(-count))
      print(`${renderFrameLine(entry, subjects.read(entry), style)}\n`);
  }
}

async function printFrames(
  recordings: OpenRecordings,
  shown: Filtered,
  filtered: boolean,
): Promise<void> {
  const style = styleFor(process.stdout, process.env);
  for (const [index, trace] of recordings.traces.entries()) {
    const subjects = new SubjectReader(trace, shown.findings);
    for await (const entry of recordings.readers[index]?.entries() ?? []) {
      if (filtered && shown.matched[index]?.has(entry.entry) !== true) continue;
      print(`${renderFrameLine(entry, subjects.read(entry), style)}\n`);
    }
  }
}
