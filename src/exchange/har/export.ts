import { GwTraceError, usageError } from "../../errors.ts";
import type { Entry, GapEntry, RecordingHeader } from "../../recording/entry.ts";
import { TOOL_VERSION } from "../../version.ts";
import { escapeJson } from "../../views/printable.ts";
import { renderHarConnection } from "./connection.ts";

/** A recording, or a part of one, to be written. */
export interface ExportedRecording {
  readonly header: RecordingHeader;
  /** What is known to be missing, in plain words; whole after the entries were read. */
  readonly missing: readonly string[];
  readonly entries: AsyncIterable<Entry>;
}

/** A HAR has each connection as a whole, so all is held; import takes no larger one either. */
const MAX_HELD_CHARACTERS = 100_000_000;

/** What an entry takes besides what was said. */
const ENTRY_CHARACTERS = 100;

/**
 * Writes a recording as a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome writes them, in pieces, connection by
 * connection. What HAR has no field for goes into `_gwTrace` fields and comments.
 * @throws {GwTraceError} USAGE when it holds too much for a HAR
 */
export async function* renderHar(
  recording: ExportedRecording,
): AsyncGenerator<string, void, undefined> {
  for await (const piece of renderPieces(recording)) yield escapeJson(piece);
}

async function* renderPieces(
  recording: ExportedRecording,
): AsyncGenerator<string, void, undefined> {
  const { header, entries } = recording;
  const creator = { name: "gw-trace", version: TOOL_VERSION };
  const head = { version: "1.2", creator, pages: [], _gwTrace: header };
  yield `{"log":${JSON.stringify(head).slice(0, -1)},"entries":[`;
  const origin = originOf(header);
  const losses = new Losses();
  const connections = await holdConnections(entries, losses);
  let silent = 0;
  let isFirst = true;
  for (const [connection, own] of connections) {
    let isSilent = true;
    for (const piece of renderHarConnection({ ...origin, connection }, own)) {
      yield isFirst ? piece.slice(1) : piece;
      isFirst = isSilent = false;
    }
    if (isSilent) silent += 1;
  }
  yield `\n],"comment":${JSON.stringify(describe(recording, losses, silent))}}}\n`;
}

/** The entries of each connection, in order of arrival. */
async function holdConnections(
  entries: AsyncIterable<Entry>,
  losses: Losses,
): Promise<ReadonlyMap<number, readonly Entry[]>> {
  const connections = new Map<number, Entry[]>();
  let heldCharacters = 0;
  for await (const entry of entries) {
    if (entry.kind === "gap") losses.add(entry);
    if (entry.connection === 0) continue;
    heldCharacters += ENTRY_CHARACTERS + saidIn(entry);
    if (heldCharacters > MAX_HELD_CHARACTERS) throw tooMuch();
    const own = connections.get(entry.connection);
    if (own === undefined) connections.set(entry.connection, [entry]);
    else own.push(entry);
  }
  return connections;
}

/** How many characters, or bytes, were said. */
function saidIn(entry: Entry): number {
  if ("headers" in entry)
    return entry.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const content =
    entry.kind === "message" ? entry.message : entry.kind === "http-body" ? entry.content : null;
  if (content === null) return 0;
  if (content.type === "text") return content.text.length;
  return content.type === "close" ? content.reason.length : content.bytes.length;
}

function tooMuch(): GwTraceError {
  return usageError(
    "the recording holds too much for a HAR",
    "Write JSON lines, or make a part of the recording first, with gw-trace cut.",
  );
}

const MAX_REASONS = 5;

/** What a recording misses, as its gaps tell it. */
class Losses {
  readonly reasons = new Set<string>();
  gaps = 0;
  missingEntries = 0;

  add({ missingEntries, reason }: GapEntry): void {
    this.gaps += 1;
    this.missingEntries += missingEntries;
    if (this.reasons.size < MAX_REASONS) this.reasons.add(reason);
  }
}

function originOf({ startedAt, upstream, listen }: RecordingHeader): {
  readonly startedMs: number;
  readonly host: string;
  readonly isSecure: boolean;
} {
  const [, host] = /^\w+:\/\/([^/?#]+)/.exec(upstream ?? "") ?? [];
  return {
    startedMs: Date.parse(startedAt),
    host: host ?? listen ?? "gateway",
    isSecure: /^(?:wss|https):/i.test(upstream ?? ""),
  };
}

/** What the reader of a HAR has to know of what is not in it. */
function describe(
  { header, missing }: ExportedRecording,
  { gaps, missingEntries, reasons }: Losses,
  silent: number,
): string {
  const { redaction, scrubbed } = header;
  return [
    redaction === "off" && scrubbed === null
      ? "Credentials are in clear."
      : "Credentials were taken out (<redacted:…>).",
    ...(scrubbed === null || scrubbed === "credentials"
      ? []
      : [
          `Scrubbed of ${scrubbed === "content" ? "identifiers and content" : "identifiers"}, too.`,
        ]),
    ...(gaps === 0
      ? []
      : [
          `MESSAGES ARE MISSING: ${missingEntries} entries in ${gaps} places (${[...reasons].join("; ")}).`,
        ]),
    ...missing.map((line) => `Missing: ${line}.`),
    ...(silent === 0 ? [] : [`${silent} connections without a request are left out.`]),
  ].join(" ");
}
