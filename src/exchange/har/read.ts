import { Buffer } from "node:buffer";
import { GwTraceError } from "../../errors.ts";
import type { NewEntry } from "../../recording/entry.ts";
import type { BytePlaces, ReadBytes } from "./byte-places.ts";
import { HarDocumentParser, type HarDocument } from "./document.ts";
import { arrangeHar, noHar, placeIn, type ImportedHar } from "./import.ts";
import { mergeByTime } from "./merge.ts";
import { parseHarLog } from "./schema.ts";
import {
  connectionStartMs,
  readHarConnection,
  type MadeEntry,
  type MessagesStep,
} from "./socket.ts";

const MARK = Buffer.from("\uFEFF");

/**
 * Reads a HAR as `parseHar` does, of any size: once to see what is in it, and its messages once more as their time comes, so that no
 * more than a few are held. `entries` can be read once.
 * @throws {GwTraceError} NOT_A_RECORDING; while `entries` are read as well, when the file has changed meanwhile
 */
export async function readHar(
  readBytes: ReadBytes,
  name: string,
): Promise<ImportedHar<AsyncIterable<NewEntry>>> {
  const { document, read } = await readDocument(readBytes, name);
  const found = document.entries.map(({ entry, survey, places }) => ({
    entry,
    survey,
    messages: () => readMessages(places, read, name),
  }));
  const { header, remarks, groups, unit } = arrangeHar(parseHarLog(document.value), found, name);
  const place = placeIn(header);
  const startedMs = Date.parse(header.startedAt);
  const entries = mergeByTime(
    groups.map((group, index) => ({
      startMs: connectionStartMs(group) - startedMs,
      entries: () => entriesInTurn(readHarConnection(group, index + 1, unit), place),
    })),
  );
  return { header, remarks, entries };
}

async function* entriesInTurn(
  steps: Iterable<MadeEntry | MessagesStep>,
  place: (made: MadeEntry) => NewEntry,
): AsyncGenerator<NewEntry, void, undefined> {
  for (const step of steps) {
    if (step.kind !== "messages") {
      yield place(step);
      continue;
    }
    for await (const message of step.call.messages()) {
      const made = step.make(message);
      if (made !== null) yield place(made);
    }
  }
}

async function* readMessages(
  places: BytePlaces,
  read: ReadBytes,
  name: string,
): AsyncGenerator<unknown, void, undefined> {
  let count = 0;
  for await (const bytes of places.read(read)) {
    let message: unknown;
    try {
      message = JSON.parse(bytes.toString());
    } catch (error) {
      throw changed(name, error);
    }
    yield message;
    count += 1;
  }
  if (count < places.length) throw changed(name);
}

function changed(name: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${name} has changed while it was read`,
    "Import it again when it is written no more.",
    { cause },
  );
}

async function readDocument(
  readBytes: ReadBytes,
  name: string,
): Promise<{ readonly document: HarDocument; readonly read: ReadBytes }> {
  const read = await skipMark(readBytes);
  try {
    return { document: await parseDocument(read), read };
  } catch (error) {
    if (await isUtf8(read)) throw noJson(name, error);
  }
  // What is no UTF-8 counts as a character that stands for it. As it is longer, nothing is where it was.
  const bytes = await repairUtf8(read);
  const repaired: ReadBytes = (start, end) => once(bytes.subarray(start, end));
  try {
    return { document: await parseDocument(repaired), read: repaired };
  } catch (error) {
    throw noJson(name, error);
  }
}

/** A byte order mark is no part of the document. */
async function skipMark(read: ReadBytes): Promise<ReadBytes> {
  const parts: Uint8Array[] = [];
  for await (const part of read(0, MARK.length)) parts.push(part);
  if (!MARK.equals(Buffer.concat(parts))) return read;
  return (start, end = Infinity) => read(start + MARK.length, end + MARK.length);
}

async function parseDocument(read: ReadBytes): Promise<HarDocument> {
  const parser = new HarDocumentParser();
  for await (const chunk of read(0)) parser.write(chunk);
  return parser.end();
}

async function isUtf8(read: ReadBytes): Promise<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of read(0)) decoder.decode(chunk, { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

async function repairUtf8(read: ReadBytes): Promise<Buffer> {
  const decoder = new TextDecoder();
  const parts: Buffer[] = [];
  for await (const chunk of read(0))
    parts.push(Buffer.from(decoder.decode(chunk, { stream: true })));
  return Buffer.concat([...parts, Buffer.from(decoder.decode())]);
}

// eslint-disable-next-line require-await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function noJson(name: string, error: unknown): GwTraceError {
  return noHar(
    name,
    error instanceof Error ? error.message : String(error),
    "Write the HAR again; it is one JSON document, and this one is damaged or cut.",
  );
}
