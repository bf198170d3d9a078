import { Command } from "commander";
import { diagnose } from "../findings/diagnose.ts";
import { buildShowJson } from "../views/show-json.ts";
import { renderShow } from "../views/show.ts";
import { styleFor } from "./output.ts";
import { readTraces } from "./read-traces.ts";

/** `gw-trace show <recording...>`: who connected with which scopes, what was called, and what went wrong. */
export function showCommand(): Command {
  return new Command("show")
    .argument("<recording...>", "paths, names, `last` for the newest, `-` for standard input")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nGive several recordings to contrast a failing connection with one that succeeded elsewhere:\n  gw-trace show failing.gwtrace working.gwtrace",
    )
    .action(async (names: readonly string[], options: { readonly json?: true }) => {
      const traces = await readTraces(names);
      const findings = diagnose(traces);
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify(buildShowJson(traces, findings), null, 2)}\n`
          : renderShow(traces, findings, styleFor(process.stdout, process.env)),
      );
    });
}
