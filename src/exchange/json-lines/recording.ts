import { GwTraceError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { isTooLargeAsJson, parseJson } from "../../gateway/parse-json.ts";
import type { Entry, GapEntry, NewEntry, RecordingHeader } from "../../recording/entry.ts";
import { escapeJson } from "../../views/printable.ts";
import { parseRecordingHeader } from "../../recording/format.ts";
import { decodeEntryLine, encodeEntryLine, type DecodedLine } from "./entry.ts";
import { isRecordableMs } from "../import-bounds.ts";
import { ImportRemarks, type Imported } from "../import-remarks.ts";
import type { Line } from "./split-lines.ts";

/** A recording says no more of what it misses. */
const MAX_MISSING = 100;

/** What there is to say of a recording when all of it was read. */
export interface RecordingEnd {
  /** True when the recording was closed whole. */
  readonly complete: boolean;
  readonly missing: readonly string[];
}

/**
 * Writes a recording as JSON lines, one object a line, each with its `kind`: first `header`, then the entries in order, last `end`
 * with their count. What was written so far is always whole lines. Reading it gives an equal recording.
 */
export async function* renderJsonLines(
  header: RecordingHeader,
  entries: AsyncIterable<Entry>,
  readEnd: () => RecordingEnd,
): AsyncGenerator<string, void, undefined> {
  yield `${escapeJson(JSON.stringify({ kind: "header", ...header }))}\n`;
  let count = 0;
  for await (const entry of entries) {
    count += 1;
    yield `${encodeEntryLine(entry)}\n`;
  }
  yield `${escapeJson(JSON.stringify({ kind: "end", entries: count, ...readEnd() }))}\n`;
}

/**
 * Begins to read JSON lines as gw-trace writes them; `name` is what people call the input. Lines that make no sense are named in the
 * remarks, and a gap stands where they stood; where the end is missing, too.
 * @throws {GwTraceError} NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export async function readJsonLines(
  lines: AsyncGenerator<Line, void, undefined>,
  name: string,
): Promise<Imported<AsyncIterable<NewEntry>>> {
  const first = await lines.next();
  const value = first.done === true ? undefined : parseLine(first.value);
  const parsed = parseRecordingHeader(isJsonObject(value) ? value : {});
  if (!parsed.ok) {
    throw parsed.newer === null ? noHeader(name) : fromTheFuture(name, parsed.newer);
  }
  const { formatVersion: _, toolVersion: __, ...header } = parsed.header;
  const remarks = new ImportRemarks();
  const reader = new EntryLines(parseStart(header.startedAt), remarks);
  return { header, entries: reader.read(lines), remarks };
}

/** When the recording began; a date that no recording could hold says nothing. */
function parseStart(startedAt: string): number {
  const startedMs = Date.parse(startedAt);
  return isRecordableMs(startedMs) ? startedMs : 0;
}

/** Lines that make no sense, with no entry between them. */
interface LeftOut {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Reads the lines after the header. What is left out leaves a gap, so that the recording tells of it, too. */
class EntryLines {
  readonly #startedMs: number;
  readonly #remarks: ImportRemarks;
  #last: NewEntry | null = null;
  #left: LeftOut | null = null;
  #end: "none" | "complete" | "incomplete" = "none";

  constructor(startedMs: number, remarks: ImportRemarks) {
    this.#startedMs = startedMs;
    this.#remarks = remarks;
  }

  async *read(lines: AsyncIterable<Line>): AsyncGenerator<NewEntry, void, undefined> {
    for await (const line of lines) {
      const entry = line.text?.trim() === "" ? null : this.#readLine(line);
      if (entry === null) continue;
      if (this.#left !== null) yield this.#takeGap(this.#left);
      this.#last = entry;
      yield entry;
    }
    if (this.#left !== null) yield this.#takeGap(this.#left);
    if (this.#end === "none") this.#remarks.note("it has no end: what came after is not known");
    if (this.#end !== "complete") yield this.#gap("the recording ends here without an end", 0);
  }

  /** Null for what is no entry. */
  #readLine(line: Line): NewEntry | null {
    const place = `line ${line.number}`;
    const value = parseLine(line);
    if (value === undefined && !line.isEnded) {
      this.#remarks.note(`${place} was cut off and is left out`);
      return null;
    }
    if (isJsonObject(value) && value["kind"] === "end") return this.#readEnd(value);
    const decoded = this.#decode(value, line);
    if (decoded.ok) return decoded.entry;
    this.#remarks.skip(place, decoded.why);
    this.#left = {
      first: this.#left?.first ?? line.number,
      last: line.number,
      count: (this.#left?.count ?? 0) + 1,
    };
    return null;
  }

  /** One gap for all lines in a row that make no sense: there may be a million. */
  #takeGap({ first, last, count }: LeftOut): GapEntry {
    this.#left = null;
    const lines = count === 1 ? `line ${first}` : `${count} lines from ${first} to ${last}`;
    return this.#gap(`${lines} of what was imported made no sense`, count);
  }

  #decode(value: unknown, { text }: Line): DecodedLine {
    if (this.#end !== "none") return { ok: false, why: "it stands after the end" };
    if (text === null || isTooLargeAsJson(text)) return { ok: false, why: "it is too large" };
    return value === undefined ? { ok: false, why: "it is not JSON" } : decodeEntryLine(value);
  }

  #readEnd(end: JsonObject): null {
    const missing: readonly unknown[] = Array.isArray(end["missing"]) ? end["missing"] : [];
    for (const line of missing.slice(0, MAX_MISSING))
      this.#remarks.note(`the recording that it was made of: ${String(line)}`);
    this.#end = end["complete"] === true ? "complete" : "incomplete";
    return null;
  }

  #gap(reason: string, missingEntries: number): GapEntry {
    const { atMs, wallMs } = this.#last ?? { atMs: 0, wallMs: this.#startedMs };
    const lost = { reason, missingEntries, missingBytes: 0, untilMs: atMs };
    return { kind: "gap", connection: 0, atMs, wallMs, ...lost };
  }
}

function parseLine({ text, number }: Line): unknown {
  return text === null ? undefined : parseJson(number === 1 ? text.replace(/^\uFEFF/, "") : text);
}

function noHeader(name: string): GwTraceError {
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${name} is not a recording in JSON lines: line 1 is not its header`,
    'Keep the first line that gw-trace export writes, the one of "kind":"header".',
  );
}

function fromTheFuture(
  name: string,
  { formatVersion, toolVersion }: { readonly formatVersion: number; readonly toolVersion: string },
): GwTraceError {
  return new GwTraceError(
    "RECORDING_FROM_THE_FUTURE",
    `${name} has format version ${formatVersion}, written by gw-trace ${toolVersion}`,
    `Use gw-trace ${toolVersion} or newer to read it.`,
  );
}
