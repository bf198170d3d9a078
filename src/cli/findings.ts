import { Command } from "commander";
import { CATALOGUE } from "../findings/catalogue.ts";
import { renderCatalogue } from "../views/catalogue.ts";
import { styleFor } from "./output.ts";

/** `gw-trace findings`: every kind of finding there is. */
export function findingsCommand(): Command {
  return new Command("findings")
    .option("--json", "print one JSON document")
    .action((options: { readonly json?: true }) => {
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify(CATALOGUE, null, 2)}\n`
          : renderCatalogue(styleFor(process.stdout, process.env)),
      );
    });
}
