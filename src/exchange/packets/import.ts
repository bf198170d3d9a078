import type { Buffer } from "node:buffer";
import { GwTraceError } from "../../errors.ts";
import type { NewEntry, NewRecordingHeader } from "../../recording/entry.ts";
import { renderCount } from "../../views/quantity.ts";
import { MAX_IMPORT_BYTES, tooLargeToImport } from "../import-bounds.ts";
import { importedHeader, ImportRemarks, type Imported } from "../import-remarks.ts";
import { readPackets } from "./file.ts";
import { TcpConnection, type CaptureContext } from "./tcp-connection.ts";
import { readSegment, type Segment } from "./tcp-segment.ts";

/**
 * Reads a pcap or pcapng file as if the tap had heard its TCP connections; `name` is what people call it. Kept are those whose client
 * speaks HTTP to an address where WebSockets are.
 * @throws {GwTraceError} NOT_A_RECORDING
 */
export async function parsePackets(
  file: Buffer,
  name: string,
): Promise<Imported<readonly NewEntry[]>> {
  const connections = await connect(readSegments(file), name);
  const remarks = new ImportRemarks();
  const http = connections.filter(({ content }) => content === "http");
  const gateways = new Set(http.filter(isSocket).map(({ gateway }) => gateway));
  const kept = http.filter(({ gateway }) => gateways.size === 0 || gateways.has(gateway));
  noteOthers(connections, http.length - kept.length, remarks);
  const [first] = kept;
  if (first === undefined) throw nothingIn(name, remarks);
  const entries = kept
    .flatMap((one, index) => one.entries.map((entry) => ({ ...entry, connection: index + 1 })))
    .toSorted((left, right) => left.atMs - right.atMs);
  return { header: headerOf(first, [...gateways][0] ?? null), entries, remarks };
}

function* readSegments(file: Buffer): Generator<Segment, void, undefined> {
  for (const packet of readPackets(file)) {
    const segment = readSegment(packet);
    if (segment !== null) yield segment;
  }
}

/** Of more, the commands that read them would take more than 500 MB of memory. */
const MAX_CONNECTIONS = 50_000;

/** What an entry takes besides what was said. */
const ENTRY_BYTES = 300;

/** Sorts segments by connection, in order of arrival. */
async function connect(
  segments: Iterable<Segment>,
  name: string,
): Promise<readonly TcpConnection[]> {
  const all: TcpConnection[] = [];
  const open = new Map<string, TcpConnection>();
  let beganMs: number | null = null;
  let needBytes = 0;
  const capture: CaptureContext = {
    momentOf: (wallMs) => ({ atMs: wallMs - (beganMs ?? wallMs), wallMs }),
    count(entry) {
      needBytes += ENTRY_BYTES + (entry.kind === "message" ? entry.sizeBytes : 0);
      if (needBytes > MAX_IMPORT_BYTES) throw tooLarge(name, "messages");
    },
  };
  for (const segment of segments) {
    beganMs ??= Math.floor(segment.wallMs);
    const { source, destination } = segment;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    let connection = open.get(key);
    if (connection === undefined || connection.isBefore(segment)) {
      if (all.length === MAX_CONNECTIONS) throw tooLarge(name, "connections");
      connection = new TcpConnection(segment, all.length + 1, capture);
      open.set(key, connection);
      all.push(connection);
    }
    await connection.take(segment);
  }
  for (const connection of all) await connection.end();
  return all;
}

function tooLarge(name: string, what: string): GwTraceError {
  return tooLargeToImport(
    name,
    `it holds too many ${what}`,
    "Keep the Gateway's port alone, or less time, as in tcpdump -r <file> -w smaller.pcap tcp port 18789.",
  );
}

function isSocket({ entries }: TcpConnection): boolean {
  return entries.some((entry) => entry.kind === "http-response" && entry.status === 101);
}

function noteOthers(
  connections: readonly TcpConnection[],
  elsewhere: number,
  remarks: ImportRemarks,
): void {
  const count = (wanted: string) => connections.filter(({ content }) => content === wanted).length;
  const told: readonly (readonly [number, string])[] = [
    [count("tls"), "over TLS, which nobody can read without its keys"],
    [count("other"), "not begun in it, or no HTTP"],
    [elsewhere, "to addresses without a WebSocket"],
  ];
  for (const [amount, what] of told) {
    if (amount > 0) remarks.note(`left out: ${renderCount(amount, "connection")} ${what}`);
  }
}

function headerOf(first: TcpConnection, gateway: string | null): NewRecordingHeader {
  const [opened] = first.entries;
  const { atMs = 0, wallMs = 0 } = opened ?? {};
  return importedHeader(Math.round(wallMs - atMs), `ws://${gateway ?? first.gateway}`);
}

function nothingIn(name: string, { notes }: ImportRemarks): GwTraceError {
  return new GwTraceError(
    "NOT_A_RECORDING",
    `${name} holds no connection to a Gateway that can be read${notes.map((note) => `; ${note}`).join("")}`,
    "Capture from before the clients connect, on the plain side of TLS, as in tcpdump -i lo -w gateway.pcap tcp port 18789.",
  );
}
