import { renderCount } from "../../views/quantity.ts";
import type { HarEntry } from "./schema.ts";
import type { ImportRemarks } from "../import-remarks.ts";
import { isRecordableMs } from "../import-bounds.ts";
import type { DecodedHarMessage } from "./message.ts";
import { parseInstantMs } from "./time.ts";

/** A HAR entry and its messages; a text says what is wrong with one. */
export interface HarItem {
  readonly entry: HarEntry;
  readonly messages: readonly (DecodedHarMessage | string)[];
}

/** The same, and when it began in milliseconds since the Unix epoch. */
export interface HarCall extends HarItem {
  readonly startedMs: number;
}

/** HAR entries of one TCP connection, in order. */
export interface HarGroup {
  readonly isSocket: boolean;
  readonly exchanges: readonly HarCall[];
}

/** Sorts HAR entries by connection, in order of arrival. */
export function groupHarEntries(
  items: readonly HarItem[],
  remarks: ImportRemarks,
): readonly HarGroup[] {
  const calls = items.flatMap((item, index): HarCall[] => {
    const { startedDateTime } = item.entry;
    const startedMs = parseInstantMs(startedDateTime);
    if (startedMs !== null && isRecordableMs(startedMs)) return [{ ...item, startedMs }];
    remarks.skip(
      `entry ${index + 1}`,
      `startedDateTime ${startedDateTime.slice(0, 40)} is no time`,
    );
    return [];
  });
  const crossed = overTheWire(ofTheirHosts(calls, remarks), remarks);
  const pool = new Pool();
  const groups = new Map<string, HarCall[]>();
  for (const [index, call] of crossed.toSorted(byStart).entries()) {
    const key = connectionOf(call.entry) ?? pool.connectionFor(call) ?? `socket ${index}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  if (pool.isUsed) remarks.note("on which connection a plain HTTP call was is not known: guessed");
  return [...groups.values()].map((exchanges) => ({
    exchanges,
    isSocket: exchanges.some(({ entry }) => isSocketEntry(entry)),
  }));
}

/** More calls at once than any browser makes; each further one has a connection of its own. */
const MAX_POOL = 1000;

/** Puts calls whose connection is not known on connections as a browser would: on the first that is free. */
class Pool {
  readonly #freeAtMs = new Map<string, number[]>();
  #beyond = 0;

  get isUsed(): boolean {
    return this.#freeAtMs.size > 0;
  }

  /** Null for a socket, which has a connection of its own. Calls have to come in order of their start. */
  connectionFor({ entry, startedMs }: HarCall): string | null {
    if (isSocketEntry(entry)) return null;
    const host = hostOf(entry);
    const freeAtMs = this.#freeAtMs.get(host) ?? [];
    this.#freeAtMs.set(host, freeAtMs);
    if (freeAtMs.length > MAX_POOL) return `${host} alone ${this.#beyond++}`;
    const free = freeAtMs.findIndex((untilMs) => untilMs <= startedMs);
    const connection = free < 0 ? freeAtMs.length : free;
    freeAtMs[connection] = startedMs + entry.time;
    return `${host} guessed ${connection}`;
  }
}

function byStart(left: HarCall, right: HarCall): number {
  return left.startedMs - right.startedMs;
}

/** True for an entry that is a WebSocket, whatever its writer says of it. */
export function isSocketEntry(entry: HarEntry): boolean {
  return (
    entry.messages !== null ||
    entry.resourceType === "websocket" ||
    /^wss?:/i.test(entry.request.url) ||
    entry.response.status === 101
  );
}

/** A page loads much that has nothing to do with a Gateway; what it has is on the host of a socket. */
function ofTheirHosts(calls: readonly HarCall[], remarks: ImportRemarks): readonly HarCall[] {
  const sockets = calls.filter(({ entry }) => isSocketEntry(entry));
  if (sockets.length === 0) return calls;
  const hosts = new Set(sockets.map(({ entry }) => hostOf(entry)));
  const kept = calls.filter(({ entry }) => hosts.has(hostOf(entry)));
  const others = calls.length - kept.length;
  if (others > 0)
    remarks.note(`${renderCount(others, "call")} to hosts without a WebSocket left out`);
  return kept;
}

function overTheWire(calls: readonly HarCall[], remarks: ImportRemarks): readonly HarCall[] {
  const crossed = calls.filter(({ entry }) => isSocketEntry(entry) || !entry.isCached);
  const cached = calls.length - crossed.length;
  if (cached > 0)
    remarks.note(`${renderCount(cached, "call")} that a browser answered itself left out`);
  return crossed;
}

/** Only gw-trace says which connection it was: Chrome writes the port of the server there, Playwright and mitmproxy nothing. */
function connectionOf(entry: HarEntry): string | null {
  return entry.connection === null ? null : `${hostOf(entry)} ${entry.connection}`;
}

function hostOf(entry: HarEntry): string {
  const [, secure, host = ""] = /^(?:http|ws)(s?):\/\/([^/?#]*)/i.exec(entry.request.url) ?? [];
  const withPort = /:\d+$/.test(host) ? host : `${host}:${secure ? "443" : "80"}`;
  return withPort.toLowerCase();
}
