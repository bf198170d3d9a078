import type { NewEntry } from "../../recording/entry.ts";
import type { HarCall, HarGroup } from "./groups.ts";
import { decodeHarMessage } from "./message.ts";
import type { HarEntry } from "./schema.ts";
import { readHarTime, type HarTimeUnit } from "./time.ts";
import type { ImportRemarks } from "../import-remarks.ts";

type MadeEntry<E = NewEntry> = E extends unknown ? Omit<E, "atMs"> : never;

/** The entries of one connection, by the wall clock, which never goes back here: their order is that of the HAR. */
export function readHarConnection(
  { exchanges }: HarGroup,
  connection: number,
  unit: HarTimeUnit,
  remarks: ImportRemarks,
): readonly MadeEntry[] {
  const made: MadeEntry[] = [];
  let nowMs = -Infinity;
  const at = (wallMs: number): { readonly wallMs: number; readonly connection: number } => {
    nowMs = Math.max(nowMs, wallMs);
    return { wallMs: nowMs, connection };
  };
  for (const [index, call] of exchanges.entries()) {
    if (index === 0)
      made.push({ kind: "opened", ...at(openedMs(call)), ...addressesOf(call.entry) });
    const messages = readMessages(call, unit, remarks);
    const { request, response } = call.entry;
    made.push({
      kind: "http-request",
      ...at(call.startedMs),
      method: request.method,
      target: targetOf(request.url),
      headers: request.headers,
      redacted: request.redacted,
    });
    if (response.status > 0) {
      made.push({
        kind: "http-response",
        ...at(Math.min(answeredMs(call), messages[0]?.wallMs ?? Infinity)),
        status: response.status,
        reason: response.statusText,
        headers: response.headers,
        redacted: response.redacted,
      });
    }
    for (const { wallMs, ...message } of messages) made.push({ ...message, ...at(wallMs) });
  }
  const closed = exchanges.at(-1)?.entry.own?.closed ?? null;
  if (closed !== null) {
    const { time, by, how, error } = closed;
    made.push({ kind: "closed", ...at(time * 1000), by, how, error });
  }
  return made;
}

type MadeMessage = Omit<Extract<NewEntry, { kind: "message" }>, "atMs" | "connection">;

function readMessages(
  { entry, startedMs }: HarCall,
  unit: HarTimeUnit,
  remarks: ImportRemarks,
): readonly MadeMessage[] {
  const { messages, messagesFile } = entry;
  if (messages === null && messagesFile?.endsWith(".jsonl") === true)
    remarks.note(`messages are in ${messagesFile} beside it: record with content: "embed"`);
  let lastMs = startedMs;
  return (messages ?? []).flatMap((value, index): readonly MadeMessage[] => {
    const decoded = decodeHarMessage(value);
    if (typeof decoded === "string") {
      remarks.skip(`${entry.request.url}, message ${index + 1}`, decoded);
      return [];
    }
    const { time, ...message } = decoded;
    lastMs = Math.max(lastMs, readHarTime({ startedMs, time }, unit) ?? lastMs);
    return [{ kind: "message", wallMs: lastMs, ...message }];
  });
}

function openedMs({ entry, startedMs }: HarCall): number {
  const time = entry.own?.opened?.time;
  return time === undefined ? startedMs : time * 1000;
}

function answeredMs({ entry, startedMs }: HarCall): number {
  const { blocked, dns, connect, send, wait } = entry.timings;
  return startedMs + blocked + dns + connect + send + wait;
}

function addressesOf(entry: HarEntry): {
  readonly clientAddress: string | null;
  readonly peerAddress: string | null;
  readonly gatewayAddress: string | null;
} {
  const opened = entry.own?.opened ?? null;
  if (opened !== null) {
    const { clientAddress, peerAddress, gatewayAddress } = opened;
    return { clientAddress, peerAddress, gatewayAddress };
  }
  // Who connected, and from where the Gateway saw it come, a HAR does not say.
  return { clientAddress: null, peerAddress: null, gatewayAddress: gatewayOf(entry) };
}

function gatewayOf({ serverIPAddress, request }: HarEntry): string | null {
  if (!serverIPAddress) return null;
  const [, secure, port] = /^\w+?(s?):\/\/[^/?#]*?(?::(\d+))?(?:[/?#]|$)/.exec(request.url) ?? [];
  const host =
    serverIPAddress.includes(":") && !serverIPAddress.startsWith("[")
      ? `[${serverIPAddress}]`
      : serverIPAddress;
  return `${host}:${port ?? (secure === "s" ? "443" : "80")}`;
}

/** Path and query as they stand in the URL, byte for byte; a fragment is never sent. */
function targetOf(url: string): string {
  const [, target = ""] = /^\w+:\/\/[^/?#]*([^#]*)/.exec(url) ?? [];
  return target.startsWith("/") ? target : `/${target}`;
}
