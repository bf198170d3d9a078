import { Command } from "commander";
import { renderInfo, type RecordingInfo } from "../views/info.ts";
import { readInfo } from "./read-info.ts";
import { openNamed } from "./read-traces.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";
import { printResult } from "./output.ts";

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
