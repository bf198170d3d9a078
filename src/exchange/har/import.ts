import { GwTraceError } from "../../errors.ts";
import type { NewEntry, NewRecordingHeader } from "../../recording/entry.ts";
import { parseRecordingHeader } from "../../recording/format.ts";
import { groupHarEntries, type HarGroup } from "./groups.ts";
import { parseHarEntry, parseHarLog, type HarEntry, type HarLog } from "./schema.ts";
import { readHarConnection } from "./socket.ts";
import { sniffTimeUnit, type HarTimeSample, type HarTimeUnit } from "./time.ts";
import { ImportRemarks } from "../import-remarks.ts";

/** A HAR read as a recording that is not written yet. */
export interface ImportedHar {
  readonly header: NewRecordingHeader;
  readonly entries: readonly NewEntry[];
  readonly remarks: ImportRemarks;
}

/**
 * Reads a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome, Playwright, mitmproxy and gw-trace write them; `name` is what people
 * call it. Where there are sockets, HTTP calls to other hosts are left out. Entries are still as in the HAR: writing them redacts.
 * @throws {GwTraceError} NOT_A_RECORDING
 */
export function parseHar(value: unknown, name: string): ImportedHar {
  const log = parseHarLog(value);
  if (log === null) throw noHar(name, "it has no log with entries");
  const remarks = new ImportRemarks();
  const groups = groupHarEntries(readEntries(log, remarks), remarks);
  if (groups.length === 0) throw noHar(name, "no entry in it makes sense");
  const unit = sniffTimeUnit(samplesOf(groups));
  noteSource(log, unit, groups, remarks);
  const found = groups.map((group, index) =>
    readHarConnection(group, index + 1, unit ?? "seconds", remarks),
  );
  const first = found.flat().reduce((min, { wallMs }) => Math.min(min, wallMs), Infinity);
  const header = headerOf(log, groups, Math.floor(first));
  const startedMs = Date.parse(header.startedAt);
  const entries = found
    .flat()
    .map((entry) => ({ ...entry, atMs: entry.wallMs - startedMs }))
    .toSorted((left, right) => left.atMs - right.atMs);
  return { header, entries, remarks };
}

function readEntries({ entries }: HarLog, remarks: ImportRemarks): readonly HarEntry[] {
  return entries.flatMap((value, index) => {
    const entry = parseHarEntry(value);
    if (typeof entry !== "string") return [entry];
    remarks.skip(`entry ${index + 1}`, entry);
    return [];
  });
}

function* samplesOf(groups: readonly HarGroup[]): Generator<HarTimeSample> {
  for (const { exchanges } of groups) {
    for (const { startedMs, entry } of exchanges) {
      for (const message of entry.messages ?? []) {
        if (typeof message !== "object" || message === null || !("time" in message)) continue;
        if (typeof message.time === "number") yield { startedMs, time: message.time };
      }
    }
  }
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

function noHar(name: string, why: string): GwTraceError {
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${name} is not a HAR: ${why}`,
    "Give a HAR with WebSocket messages, as Chrome, Playwright, mitmproxy and gw-trace export write it.",
  );
}
