import { Command } from "commander";
import { diagnose } from "../findings/diagnose.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { readGlimpse } from "../trace/read.ts";
import { countTrace, type RecordingInfo, renderInfo } from "../views/info.ts";
import { printResult } from "./output.ts";
import { openNamed } from "./read-traces.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";

/** `gw-trace info <recording...>`: header, size, time, versions and counts, without reading it all. */
export function infoCommand(): Command {
  return new Command("info")
    .argument("<recording...>", RECORDINGS_HELP)
    .option("--json", "print one JSON document")
    .action(async (names: readonly string[], options: { readonly json?: true }) => {
      const infos: RecordingInfo[] = [];
      for (const name of names) {
        await using reader = await openNamed(name);
        infos.push(await readInfo(reader));
      }
      printResult(options.json, { recordings: infos }, () => infos.map(renderInfo).join("\n"));
    });
}

/** Reads what a recording is: its header and index, and the first part of its entries. */
export async function readInfo(reader: RecordingReader): Promise<RecordingInfo> {
  const { trace, whole } = await readGlimpse(reader);
  const { name, header, sizeBytes, entryCount, durationMs, complete, missing } = reader;
  const counts = countTrace(trace, diagnose([trace]));
  return { name, header, sizeBytes, entryCount, durationMs, complete, missing, ...counts, whole };
}
