import { Command } from "commander";
import { findRecordings, recordingsFolder } from "../recording/locate.ts";
import { renderListing } from "../views/listing.ts";

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
      const found = await findRecordings(folder);
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify({ folder, recordings: found }, null, 2)}\n`
          : renderListing(folder, found),
      );
    });
}
