import { Command } from "commander";
import {
  findRecordings,
  recordingsFolder,
  SHIPPED_RECORDINGS,
  type FoundRecording,
} from "../recording/locate.ts";
import { renderListing, type ListedRecording } from "../views/listing.ts";
import { readInfo } from "./info.ts";
import { printResult } from "./output.ts";
import { openWatched } from "./read-traces.ts";

/** `gw-trace ls [folder]`: the recordings found, newest first. */
export function lsCommand(): Command {
  return new Command("ls")
    .argument("[folder]", "where to look (default: GW_TRACE_DIR, else the state folder)")
    .option("--json", "print one JSON document")
    .action(async (given: string | undefined, options: { readonly json?: true }) => {
      const folder = given ?? recordingsFolder(process.env, process.cwd());
      const listed: ListedRecording[] = [];
      for (const found of await findRecordings(folder)) listed.push(await look(found));
      const shipped = given === undefined ? await findRecordings(SHIPPED_RECORDINGS) : [];
      const names = shipped.map(({ name }) => name).join(", ");
      printResult(options.json, { folder, recordings: listed.map(toJson) }, () =>
        [
          renderListing(folder, listed),
          ...(names === "" ? [] : [`Shipped with gw-trace: ${names}\n`]),
        ].join(""),
      );
    });
}

async function look(found: FoundRecording): Promise<ListedRecording> {
  if (found.header === null) return { found, info: null };
  try {
    await using reader = await openWatched(found.path);
    return { found, info: await readInfo(reader) };
  } catch (error) {
    // It is gone, or takes too much memory.
    const problem = error instanceof Error ? error.message : String(error);
    return { found: { ...found, problem }, info: null };
  }
}

function toJson({ found, info }: ListedRecording): unknown {
  if (info === null) return found;
  const { durationMs, gatewayVersion, connections, findings, missing, whole } = info;
  return { ...found, durationMs, gatewayVersion, connections, findings, missing, whole };
}
