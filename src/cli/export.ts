import { Command, Option } from "commander";
import { usageError } from "../errors.ts";
import { FILTER_HELP } from "./filter-option.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";
import { ownField } from "../gateway/json-object.ts";

interface ExportOptions {
  readonly output?: string;
  readonly filter?: string;
  /** `true` when no URL was given. */
  readonly to?: string | true;
}

interface Format {
  /** The options that make sense for it, besides --output. */
  readonly takes: "filter" | "to";
  /** Each format's own module is loaded only when it is asked for. */
  readonly load: () => Promise<(names: readonly string[], options: ExportOptions) => Promise<void>>;
}

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: {
    takes: "filter",
    load: async () => (await import("./export-recording.ts")).exportJsonLines,
  },
  har: {
    takes: "filter",
    load: async () => (await import("./export-recording.ts")).exportHar,
  },
  otlp: {
    takes: "to",
    load: async () => (await import("./export-otlp.ts")).exportOtlp,
  },
};

const FORMATS_HELP = `
  jsonl   one JSON object a line, for jq; gw-trace import makes an equal recording of it
  har     HTTP Archive with WebSocket messages, for browsers and proxies
  otlp    OpenTelemetry: each connection is a trace, its calls are spans; exported twice, they have the same ids
What is redacted in the recording is redacted in the export; gw-trace scrub takes out more. Nothing is contacted without --to.`;

/** `gw-trace export <recording...>`: recordings for other programs. */
export function exportCommand(): Command {
  return new Command("export")
    .argument("<recording...>", RECORDINGS_HELP)
    .addOption(
      new Option("--format <format>", "(default: by the ending of --output, else jsonl)").choices(
        Object.keys(FORMATS),
      ),
    )
    .option("--filter <expression>", `jsonl, har: ${FILTER_HELP}; handshakes stay`)
    .option(
      "--to [url]",
      "otlp: send it there; without a URL to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT",
    )
    .option("-o, --output <file>", "where to write (default: `-`, standard output)")
    .addHelpText("after", FORMATS_HELP)
    .action(exportRecordings);
}

async function exportRecordings(
  names: readonly string[],
  { format, ...options }: ExportOptions & { readonly format?: string },
): Promise<void> {
  const name = format ?? (/\.har$/i.test(options.output ?? "") ? "har" : "jsonl");
  const chosen = ownField(FORMATS, name);
  if (chosen === undefined) throw new Error(`commander let the format ${name} through`);
  for (const option of ["filter", "to"] as const) {
    if (options[option] === undefined || chosen.takes === option) continue;
    throw usageError(
      `--${option} goes with no ${name}`,
      option === "to"
        ? "Add --format otlp to send spans."
        : "Make a part of the recording first, with gw-trace cut --filter.",
    );
  }
  const write = await chosen.load();
  await write(names, options);
}
