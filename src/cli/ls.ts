import { Command } from "commander";
import { findRecordings, recordingsFolder, type FoundRecording } from "../recording/locate.ts";
import { openRecording } from "../recording/reader.ts";
import { renderListing, type ListedRecording } from "../views/listing.ts";
import { readInfo } from "./read-info.ts";
import { printResult } from "./output.ts";

/** `gw-trace ls [folder]`: the recordings found, newest first. */
export function lsCommand(): Command {
  return new Command("ls")
    .argument(
      "[folder]",
      "where to look (default: GW_TRACE_DIR, else ./recordings, else the XDG state folder)",
    )
    .option("--json", "print one JSON document")
    .action(async (given: string | undefined, options: { readonly json?: true }) => {
      const folder = given ?? (await recordingsFolder(process.env, process.cwd()));
      const listed: ListedRecording[] = [];
      for (const found of await findRecordings(folder)) listed.push(await look(found));
      printResult(options.json, { folder, recordings: listed.map(toJson) }, () =>
        renderListing(folder, listed),
      );
    });
}

async function look(found: FoundRecording): Promise<ListedRecording> {
  if (found.header === null) return { found, info: null };
  try {
    await using reader = await openRecording(found.path);
    return { found, info: await readInfo(reader) };
  } catch (error) {
    // It was there a moment ago.
    const problem = error instanceof Error ? error.message : String(error);
    return { found: { ...found, problem }, info: null };
  }
}

function toJson({ found, info }: ListedRecording): unknown {
  if (info === null) return found;
  const { durationMs, gatewayVersion, connections, findings, missing, whole } = info;
  return { ...found, durationMs, gatewayVersion, connections, findings, missing, whole };
}
