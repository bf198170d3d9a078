import { resolve } from "node:path";
import { Command, Option } from "commander";
import { GwTraceError, usageError } from "../errors.ts";
import type { NewEntry, ScrubLevel } from "../recording/entry.ts";
import { copiedEntries } from "../recording/holes.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { SCRUB_LEVELS, type ScrubPolicy } from "../scrub/policy.ts";
import { Scrubber } from "../scrub/scrubber.ts";
import { readKnownSecrets } from "../redaction/known-beforehand.ts";
import { renderScrubCheck, type LeftPlace } from "../views/scrub.ts";
import { openNamed } from "./read-traces.ts";
import { writeRecording } from "./write-recording.ts";
import { RECORDING_HELP } from "./recording-argument.ts";
import { repeatable } from "./repeatable.ts";
import { printResult, tell } from "./output.ts";

interface ScrubOptions {
  readonly level: ScrubLevel;
  readonly check?: true;
  readonly addKey: readonly string[];
  readonly addPath: readonly string[];
  readonly addValue: readonly string[];
  readonly json?: true;
}

/** `gw-trace scrub <in> [out]`: a copy that can be shared, or a check that one can. */
export function scrubCommand(): Command {
  return new Command("scrub")
    .argument("<in>", RECORDING_HELP)
    .argument("[out]", "the file to write; it must not exist")
    .addOption(
      new Option("--level <level>", "what to take out; each level does what those before it do")
        .choices([...SCRUB_LEVELS])
        .default("identifiers"),
    )
    .option("--check", "write nothing; exit with 1 and name the places where something is left")
    .addOption(repeatable("--add-key <name>", "take out what stands under this name, too"))
    .addOption(repeatable("--add-path <path>", "take out what stands at this JSON path, too"))
    .addOption(repeatable("--add-value <text>", "take out this text wherever it stands, too"))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\ncredentials  tokens, passwords, keys, signatures\nidentifiers  and ids of devices, users, accounts, channels, sessions and runs, addresses, hosts, paths, e-mail, phone numbers\ncontent      and message text, tool arguments and results, by placeholders of the same length",
    )
    .action(scrub);
}

async function scrub(
  input: string,
  output: string | undefined,
  options: ScrubOptions,
): Promise<void> {
  if ((output === undefined) !== (options.check === true)) throw wantsOneOf(output);
  await using reader = await openNamed(input);
  const secrets = await readKnownSecrets(process.env);
  const scrubber = new Scrubber({ ...policyOf(options), secrets });
  for await (const entry of reader.entries()) scrubber.learn(entry);
  if (output === undefined) await check(reader, scrubber, options);
  else await copy(reader, scrubber, resolve(output), options);
}

function policyOf({ level, addKey, addPath, addValue }: ScrubOptions): ScrubPolicy {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  return { level, keys: addKey, paths: addPath, values: addValue, salt };
}

async function check(
  reader: RecordingReader,
  scrubber: Scrubber,
  { level, json }: ScrubOptions,
): Promise<void> {
  const left: LeftPlace[] = [];
  for await (const entry of reader.entries()) {
    for (const place of scrubber.scrub(entry).places) {
      left.push({ entry: entry.entry, connection: entry.connection, place });
    }
  }
  const header = scrubber.header(reader.header);
  for (const place of ["upstream", "listen", "assumedPeer", "replayOf"] as const) {
    if (JSON.stringify(header[place]) !== JSON.stringify(reader.header[place]))
      left.push({ entry: null, connection: null, place });
  }
  const found = { recording: reader.name, level, clean: left.length === 0, left };
  printResult(json, found, () => renderScrubCheck(reader.name, level, left));
  if (left.length > 0) process.exitCode = 1;
}

async function copy(
  reader: RecordingReader,
  scrubber: Scrubber,
  output: string,
  { level, json }: ScrubOptions,
): Promise<void> {
  let changed = 0;
  async function* entries(): AsyncGenerator<NewEntry> {
    for await (const entry of copiedEntries(reader)) {
      const { entry: scrubbed, places } = scrubber.scrub(entry);
      if (places.length > 0) changed += 1;
      yield scrubbed;
    }
  }
  const header = scrubber.header(reader.header);
  const written = await writeRecording(output, header, entries());
  printResult(json, { ...written, level, changed }, () => `${written.path}\n`);
  tell(
    `scrubbed at ${level}: ${changed.toLocaleString("en-US")} of ${written.entries.toLocaleString("en-US")} entries changed\n`,
  );
}

function wantsOneOf(output: string | undefined): GwTraceError {
  return output === undefined
    ? usageError(
        "scrub writes to another file, and none is named",
        "Name the file to write, or add --check.",
      )
    : usageError(`--check writes nothing, and ${output} is named`, "Leave one of the two out.");
}
