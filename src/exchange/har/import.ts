import { GwTraceError } from "../../errors.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import type { NewEntry, NewRecordingHeader } from "../../recording/entry.ts";
import { parseRecordingHeader } from "../../recording/format.ts";
import { ImportRemarks } from "../import-remarks.ts";
import { groupHarEntries, type HarGroup, type HarItem } from "./groups.ts";
import { MessageSurvey } from "./message-survey.ts";
import { parseHarEntry, parseHarLog, type HarEntry, type HarLog } from "./schema.ts";
import {
  connectionStartMs,
  readHarConnection,
  tellSkippedMessages,
  type MadeEntry,
  type MessagesStep,
} from "./socket.ts";
import { decideTimeUnit, type HarTimeUnit } from "./time.ts";

/** A HAR read as a recording that is not written yet. */
export interface ImportedHar<Entries = readonly NewEntry[]> {
  readonly header: NewRecordingHeader;
  readonly entries: Entries;
  readonly remarks: ImportRemarks;
}

/** An entry of a HAR, or what is wrong with it. */
export interface FoundEntry extends Omit<HarItem, "entry"> {
  readonly entry: HarEntry | string;
}

/** What a HAR comes to, its messages not read yet. */
export interface ArrangedHar {
  readonly header: NewRecordingHeader;
  readonly remarks: ImportRemarks;
  /** In the order of their numbers, from 1. */
  readonly groups: readonly HarGroup[];
  readonly unit: HarTimeUnit;
}

/**
 * Reads a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome, Playwright, mitmproxy and gw-trace write them; `name` is what people
 * call it. Where there are sockets, HTTP calls to other hosts are left out. Entries are still as in the HAR: writing them redacts.
 * @throws {GwTraceError} NOT_A_RECORDING
 */
export function parseHar(value: unknown, name: string): ImportedHar {
  const log = parseHarLog(value);
  const har = arrangeHar(log, log?.entries.map(findEntry) ?? [], name);
  const place = placeIn(har.header);
  const entries = har.groups.flatMap((group, index) => [
    ...entriesAtOnce(readHarConnection(group, index + 1, har.unit)),
  ]);
  return {
    header: har.header,
    remarks: har.remarks,
    entries: entries.map(place).toSorted((left, right) => left.atMs - right.atMs),
  };
}

function findEntry(value: unknown): FoundEntry {
  const field = isJsonObject(value) ? value["_webSocketMessages"] : null;
  const found: readonly unknown[] = Array.isArray(field) ? field : [];
  const survey = new MessageSurvey();
  for (const message of found) survey.add(message);
  return { entry: parseHarEntry(value), survey, messages: () => found };
}

function* entriesAtOnce(
  steps: Iterable<MadeEntry | MessagesStep>,
): Generator<MadeEntry, void, undefined> {
  for (const step of steps) {
    const messages = step.kind === "messages" ? step.call.messages() : null;
    if (step.kind !== "messages") yield step;
    else if (messages !== null && Symbol.iterator in messages) {
      for (const message of messages) {
        const made = step.make(message);
        if (made !== null) yield made;
      }
    }
  }
}

/**
 * Sorts out what is on which connection, and says what is left out.
 * @throws {GwTraceError} NOT_A_RECORDING
 */
export function arrangeHar(
  log: HarLog | null,
  found: readonly FoundEntry[],
  name: string,
): ArrangedHar {
  if (log === null) throw noHar(name, "it has no log with entries");
  const remarks = new ImportRemarks();
  const groups = groupHarEntries(readEntries(found, remarks), remarks);
  if (groups.length === 0) throw noHar(name, "no entry in it makes sense");
  const unit = decideTimeUnit(
    groups.flatMap(({ exchanges }) => exchanges.map(({ votes }) => votes)),
  );
  noteSource(log, unit, groups, remarks);
  for (const group of groups) tellSkippedMessages(group, remarks);
  const firstMs = groups.reduce((min, group) => Math.min(min, connectionStartMs(group)), Infinity);
  return {
    header: headerOf(log, groups, Math.floor(firstMs)),
    remarks,
    groups,
    unit: unit ?? "seconds",
  };
}

function readEntries(found: readonly FoundEntry[], remarks: ImportRemarks): readonly HarItem[] {
  return found.flatMap(({ entry, ...item }, index) => {
    if (typeof entry !== "string") return [{ ...item, entry }];
    remarks.skip(`entry ${index + 1}`, entry);
    return [];
  });
}

/** Gives entries their times in a recording with that header. */
export function placeIn({ startedAt }: NewRecordingHeader): (made: MadeEntry) => NewEntry {
  const startedMs = Date.parse(startedAt);
  return (made) => ({ ...made, atMs: made.wallMs - startedMs });
}

function noteSource(
  { creator, comment }: HarLog,
  unit: HarTimeUnit | null,
  groups: readonly HarGroup[],
  remarks: ImportRemarks,
): void {
  const by = creator === null ? "" : ` of ${creator.name} ${creator.version ?? ""}`.trimEnd();
  const sockets = groups.some(({ isSocket }) => isSocket);
  if (unit !== null) remarks.note(`HAR${by}: message times are in ${unit}`);
  else if (sockets) remarks.note(`HAR${by}: its messages have no times`);
  else remarks.note(`HAR${by}: there is no WebSocket in it`);
  if (comment !== null) remarks.note(`it says: ${comment}`);
}

function headerOf(log: HarLog, groups: readonly HarGroup[], firstMs: number): NewRecordingHeader {
  const own = parseRecordingHeader(log.own);
  if (own.ok) {
    const { formatVersion: _, toolVersion: __, ...header } = own.header;
    return header;
  }
  const [, upstream] = /^(wss?:\/\/[^/?#]+)/i.exec(urlOfSocket(groups)) ?? [];
  return {
    source: "import",
    startedAt: new Date(firstMs).toISOString(),
    upstream: upstream ?? null,
    listen: null,
    redaction: "off",
    replayOf: [],
    assumedPeer: null,
  };
}

function urlOfSocket(groups: readonly HarGroup[]): string {
  const socket = groups.find(({ isSocket }) => isSocket);
  return (socket?.exchanges[0]?.entry.request.url ?? "").replace(/^http/i, "ws");
}

/** What is no HAR, and why. */
export function noHar(
  name: string,
  why: string,
  hint = "Give a HAR with WebSocket messages, as Chrome, Playwright, mitmproxy and gw-trace export write it.",
): GwTraceError {
  return new GwTraceError("NOT_A_RECORDING", `${name} is not a HAR: ${why}`, hint);
}
