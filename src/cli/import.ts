import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { GwTraceError } from "../errors.ts";
import { parseCaptureJsonl, type Capture } from "../exchange/capture-jsonl.ts";
import { createRecording, type ClosedRecording } from "../recording/writer.ts";
import { renderImport } from "../views/import.ts";
import { newRecordingPath } from "./recording-path.ts";

interface ImportOptions {
  readonly output?: string;
  /** commander makes `--no-redact` of this. */
  readonly redact: boolean;
  readonly json?: true;
}

/** The writer holds this much at most while the disk is slow; an import can wait instead of dropping. */
const FLUSH_AFTER_BYTES = 4 * 1024 * 1024;

/** `gw-trace import <file>`: a capture in JSON lines becomes a recording. */
export function importCommand(): Command {
  return new Command("import")
    .argument("<file.jsonl>", "a capture in JSON lines, `-` for standard input")
    .option("-o, --output <file>", "where to write (default: the recordings folder)")
    .option("--no-redact", "keep credentials in clear")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nPrints the path of the recording. Each line is one JSON object {t, conn, ev, …}; the first is ev:meta.",
    )
    .action(importCapture);
}

async function importCapture(file: string, options: ImportOptions): Promise<void> {
  const capture = parseCaptureJsonl(await readText(file));
  if (capture.entries.length === 0) throw holdsNothing(file, capture);
  const path = await newRecordingPath({
    name: file === "-" ? null : basename(file).replace(/\.(?:jsonl|ndjson)$/, ""),
    output: options.output ?? null,
  });
  const written = await write(path, capture, options.redact);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ ...written, skippedLines: capture.skippedLines, problems: capture.problems }, null, 2)}\n`
      : `${written.path}\n`,
  );
  process.stderr.write(renderImport(file, capture, written, options.redact));
}

async function readText(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") {
      throw new GwTraceError(
        "RECORDING_NOT_FOUND",
        `there is no file ${file}`,
        "Give the path of a capture in JSON lines, or - for standard input.",
        { cause: error },
      );
    }
    throw new GwTraceError(
      "NOT_A_RECORDING",
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "Give the path of a capture in JSON lines, or - for standard input.",
      { cause: error },
    );
  }
}

async function write(path: string, capture: Capture, redact: boolean): Promise<ClosedRecording> {
  const writer = await createRecording(path, {
    ...capture.header,
    redaction: redact ? "credentials" : "off",
  });
  let waiting = 0;
  for (const entry of capture.entries) {
    writer.append(entry);
    waiting += entry.kind === "message" ? entry.sizeBytes : 0;
    if (waiting < FLUSH_AFTER_BYTES) continue;
    await writer.flush();
    waiting = 0;
  }
  return writer.close();
}

function holdsNothing(file: string, { problems }: Capture): GwTraceError {
  const first = problems.find((problem) => problem.startsWith("line "));
  const why = first === undefined ? nothingWhy(problems) : `no line makes sense (${first})`;
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${file} is not a capture: ${why}`,
    'Give JSON lines such as {"t":12.5,"conn":1,"ev":"msg","dir":"c2s","opcode":"text","text":"…"}.',
  );
}

// Without a meta line and without a bad one, there was no line at all.
function nothingWhy(problems: readonly string[]): string {
  return problems.length > 0 ? "it has no lines" : "it tells of no connection";
}
