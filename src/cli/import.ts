import { basename } from "node:path";
import { Command } from "commander";
import type { NewEntry } from "../recording/entry.ts";
import { renderImport } from "../views/import.ts";
import { readForeign, type ForeignRecording } from "./read-foreign.ts";
import { newRecordingPath } from "./write-recording.ts";
import { writeRecording } from "./write-recording.ts";
import { printResult, tell } from "./output.ts";

interface ImportOptions {
  readonly output?: string;
  /** commander makes `--no-redact` of this. */
  readonly redact: boolean;
  readonly json?: true;
}

/** `gw-trace import <file>`: what another program wrote, or `gw-trace export`, becomes a recording. */
export function importCommand(): Command {
  return new Command("import")
    .argument("<file>", "a HAR, JSON lines or a packet capture; `-` for standard input")
    .option("-o, --output <file>", "where to write (default: the recordings folder)")
    .option("--no-redact", "keep credentials in clear")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Prints the path of the recording. Which format it is shows in its first bytes:
  HAR           with WebSocket messages, as Chrome, Playwright, mitmproxy and gw-trace export write it
  JSON lines    of gw-trace export; nothing is lost
  pcap, pcapng  TCP without TLS, captured from before the clients connected
  gw-trace show $(gw-trace import session.har)`,
    )
    .action(importFile);
}

async function importFile(file: string, options: ImportOptions): Promise<void> {
  const foreign = await readForeign(file);
  const path = await newRecordingPath({
    name: file === "-" ? null : basename(file).replace(/\.(?:jsonl|ndjson|har|pcap|pcapng)$/i, ""),
    output: options.output ?? null,
  });
  const { format, header, remarks } = foreign;
  const redaction = options.redact ? "credentials" : header.redaction;
  const connections = new Set<number>();
  const entries = countConnections(foreign, connections);
  const written = await writeRecording(path, { ...header, redaction }, entries);
  const { skipped, problems, notes } = remarks;
  const outcome = { ...written, format, skipped, problems, notes };
  printResult(options.json, outcome, () => `${written.path}\n`);
  tell(
    renderImport({
      from: foreign.name,
      format,
      connections: connections.size,
      written,
      remarks: { skipped, problems, notes },
      isRedacted: redaction === "credentials",
    }),
  );
}

async function* countConnections(
  { entries }: ForeignRecording,
  connections: Set<number>,
): AsyncGenerator<NewEntry, void, undefined> {
  for await (const entry of entries) {
    if (entry.connection > 0) connections.add(entry.connection);
    yield entry;
  }
}
