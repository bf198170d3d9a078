import { Command } from "commander";
import { CATALOGUE } from "../findings/catalogue.ts";
import { renderCatalogue } from "../views/catalogue.ts";
import { printResult } from "./output.ts";

/** `gw-trace findings`: every kind of finding there is. */
export function findingsCommand(): Command {
  return new Command("findings")
    .option("--json", "print one JSON document")
    .action((options: { readonly json?: true }) => {
      printResult(options.json, CATALOGUE, renderCatalogue);
    });
}
