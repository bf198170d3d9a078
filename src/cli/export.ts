import { Command, Option } from "commander";
import type { exportOtlp } from "./export-otlp.ts";

/** The options of every format. */
export type ExportOptions = Parameters<typeof exportOtlp>[1];

type Export = (names: readonly string[], options: ExportOptions) => Promise<void>;

/** Each format's own module is loaded only when it is asked for. */
const FORMATS: Readonly<Record<string, () => Promise<Export>>> = {
  otlp: async () => (await import("./export-otlp.ts")).exportOtlp,
};

const EXAMPLES = `
OTLP: each connection is a trace, its calls are spans. As a file, or to a receiver:
  gw-trace export last --format otlp -o spans.json
  gw-trace export last --format otlp --to http://127.0.0.1:4318
  OTEL_EXPORTER_OTLP_ENDPOINT=https://otel.example gw-trace export last --format otlp --to
Nothing is contacted without --to. Exported twice, spans have the same ids.`;

/** `gw-trace export <recording...> --format <format>`: recordings for other programs. */
export function exportCommand(): Command {
  return new Command("export")
    .argument("<recording...>", "paths, names, `last` for the newest, `-` for standard input")
    .addOption(
      new Option("--format <format>", "the format to write")
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .option("-o, --output <file>", "write it there instead of to standard output; never overwrites")
    .option(
      "--to [url]",
      "otlp: send it there; without a URL to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT",
    )
    .addHelpText("after", EXAMPLES)
    .action(
      async (
        names: readonly string[],
        { format, ...options }: ExportOptions & { readonly format: string },
      ) => {
        const write = await FORMATS[format]?.();
        await write?.(names, options);
      },
    );
}
