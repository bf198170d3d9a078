import { GwTraceError } from "../../errors.ts";
import { estimateJsonBytes } from "../../gateway/parse-json.ts";
import type { NewEntry, NewRecordingHeader } from "../../recording/entry.ts";
import { parseRecordingHeader } from "../../recording/format.ts";
import { renderSize } from "../../views/quantity.ts";
import { isRecordableMs, MAX_IMPORT_BYTES, tooLargeToImport } from "../import-bounds.ts";
import { importedHeader, ImportRemarks, type Imported } from "../import-remarks.ts";
import { groupHarEntries, type HarGroup, type HarItem } from "./groups.ts";
import { decodeHarMessage } from "./message.ts";
import { parseHarEntry, parseHarLog, type HarLog } from "./schema.ts";
import { connectionStartMs, readHarConnection, tellMessages } from "./socket.ts";
import { decideTimeUnit, type HarTimeSample, type HarTimeUnit } from "./time.ts";

/**
 * Reads a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome, Playwright, mitmproxy and gw-trace write them; `name` is what people
 * call it. Where there are sockets, HTTP calls to other hosts are left out.
 * @throws {GwTraceError} NOT_A_RECORDING
 */
export function parseHar(text: string, name: string): Imported<readonly NewEntry[]> {
  const log = parseHarLog(parseJson(text, name));
  if (log === null) throw noHar(name, "it has no log with entries");
  const remarks = new ImportRemarks();
  const groups = groupHarEntries(readEntries(log.entries, remarks), remarks);
  if (groups.length === 0) {
    const [first] = remarks.problems;
    throw noHar(name, `no entry in it makes sense${first === undefined ? "" : ` (${first})`}`);
  }
  const unit = decideTimeUnit(samplesOf(groups));
  noteSource(log, unit, groups, remarks);
  for (const group of groups) tellMessages(group, unit ?? "seconds", remarks);
  const firstMs = groups.reduce((min, group) => Math.min(min, connectionStartMs(group)), Infinity);
  const header = headerOf(log, groups, Math.floor(firstMs));
  const startedMs = Date.parse(header.startedAt);
  const entries = groups.flatMap((group, index) =>
    readHarConnection(group, index + 1, { unit: unit ?? "seconds", startedMs }),
  );
  return { header, remarks, entries: entries.toSorted((left, right) => left.atMs - right.atMs) };
}

function parseJson(text: string, name: string): unknown {
  const needBytes = estimateJsonBytes(text);
  if (needBytes > MAX_IMPORT_BYTES) {
    throw tooLargeToImport(
      name,
      `it would take ${renderSize(needBytes)} of memory`,
      "Write a HAR of the WebSocket alone, or of less time.",
    );
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return value;
  } catch (error) {
    throw noHar(
      name,
      explainNoJson(error),
      "Write the HAR again; it is one JSON document, and this one is damaged or cut.",
    );
  }
}

/** Says where, but nothing of what stands there. */
function explainNoJson(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  if (/end of JSON|^Unterminated/.test(message)) return "it ends in the middle";
  const [, place] = /at position (\d+)/.exec(message) ?? [];
  return `it is not JSON${place === undefined ? "" : ` at character ${Number(place) + 1}`}`;
}

function readEntries(found: readonly unknown[], remarks: ImportRemarks): readonly HarItem[] {
  return found.flatMap((value, index) => {
    const entry = parseHarEntry(value);
    if (typeof entry !== "string")
      return [{ entry, messages: (entry.messages ?? []).map(decodeHarMessage) }];
    remarks.skip(`entry ${index + 1}`, entry);
    return [];
  });
}

function* samplesOf(groups: readonly HarGroup[]): Generator<HarTimeSample, void, undefined> {
  for (const { exchanges } of groups) {
    for (const { startedMs, messages } of exchanges) {
      for (const message of messages)
        if (typeof message !== "string") yield { startedMs, time: message.time };
    }
  }
}
function noteSource(
  { creator, comment }: HarLog,
  unit: HarTimeUnit | null,
  groups: readonly HarGroup[],
  remarks: ImportRemarks,
): void {
  const by = creator === null ? "" : ` of ${creator}`;
  const sockets = groups.some(({ isSocket }) => isSocket);
  if (unit !== null) remarks.note(`HAR${by}: message times are in ${unit}`);
  else if (sockets) remarks.note(`HAR${by}: its messages have no times`);
  else remarks.note(`HAR${by}: there is no WebSocket in it`);
  if (comment !== null) remarks.note(`it says: ${comment}`);
}

function headerOf(log: HarLog, groups: readonly HarGroup[], firstMs: number): NewRecordingHeader {
  const own = parseRecordingHeader(log.own);
  if (own.ok && isRecordableMs(Date.parse(own.header.startedAt))) {
    const { formatVersion: _, toolVersion: __, ...header } = own.header;
    return header;
  }
  const [, upstream] = /^(wss?:\/\/[^/?#]+)/i.exec(urlOfSocket(groups)) ?? [];
  return importedHeader(firstMs, upstream ?? null);
}

function urlOfSocket(groups: readonly HarGroup[]): string {
  const socket = groups.find(({ isSocket }) => isSocket);
  return (socket?.exchanges[0]?.entry.request.url ?? "").replace(/^http/i, "ws");
}

function noHar(
  name: string,
  why: string,
  hint = "Give a HAR with WebSocket messages, as Chrome, Playwright, mitmproxy and gw-trace export write it.",
): GwTraceError {
  return new GwTraceError("NOT_A_RECORDING", `${name} is not a HAR: ${why}`, hint);
}
