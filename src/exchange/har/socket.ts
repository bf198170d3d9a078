import type { NewEntry } from "../../recording/entry.ts";
import type { HarCall, HarGroup } from "./groups.ts";
import type { HarEntry } from "./schema.ts";
import { readHarTime, type HarTimeUnit } from "./time.ts";
import type { ImportRemarks } from "../import-remarks.ts";

/** What the times of a HAR mean. */
export interface HarClock {
  readonly unit: HarTimeUnit;
  /** When the recording begins, in milliseconds since the Unix epoch. */
  readonly startedMs: number;
}

/** The entries of one connection, by the wall clock, which never goes back here: their order is that of the HAR. */
export function readHarConnection(
  { exchanges }: HarGroup,
  connection: number,
  { unit, startedMs }: HarClock,
): readonly NewEntry[] {
  const made: NewEntry[] = [];
  let nowMs = -Infinity;
  const at = (wallMs: number) => {
    nowMs = Math.max(nowMs, wallMs);
    return { atMs: nowMs - startedMs, wallMs: nowMs, connection };
  };
  for (const [index, call] of exchanges.entries()) {
    if (index === 0)
      made.push({ kind: "opened", ...at(openedMs(call)), ...addressesOf(call.entry) });
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
        ...at(Math.min(call.startedMs + call.entry.answeredAfterMs, firstMessageMs(call, unit))),
        status: response.status,
        reason: response.statusText,
        headers: response.headers,
        redacted: response.redacted,
      });
    }
    const clock = new MessageClock(call.startedMs, unit);
    for (const decoded of call.messages) {
      if (typeof decoded === "string") continue;
      const { time, ...message } = decoded;
      made.push({ kind: "message", ...message, ...at(clock.tell(time)) });
    }
  }
  const closed = exchanges.at(-1)?.entry.closed ?? null;
  if (closed !== null) {
    const { atMs, by, how, error } = closed;
    made.push({ kind: "closed", ...at(atMs), by, how, error });
  }
  return made;
}

/** Says what of the messages of a connection is left out, and which times. */
export function tellMessages(
  { exchanges }: HarGroup,
  unit: HarTimeUnit,
  remarks: ImportRemarks,
): void {
  for (const { entry, messages, startedMs } of exchanges) {
    const { messagesFile, request } = entry;
    if (entry.messages === null && messagesFile?.endsWith(".jsonl") === true)
      remarks.note(`messages are in ${messagesFile} beside it: record with content: "embed"`);
    for (const [index, message] of messages.entries()) {
      if (typeof message === "string") {
        remarks.skip(`${request.url}, message ${index + 1}`, message);
      } else if (
        message.time > 0 &&
        readHarTime({ startedMs, time: message.time }, unit) === null
      ) {
        remarks.note(
          "message times that cannot be true are left out: such a message stands at the time of the one before",
        );
      }
    }
  }
}

/** When the connection began, in milliseconds since the Unix epoch. */
export function connectionStartMs({ exchanges: [first] }: HarGroup): number {
  return first === undefined ? Infinity : openedMs(first);
}

/** Tells when the messages of a socket came: it never goes back, and one without a time came with the one before. */
class MessageClock {
  readonly #startedMs: number;
  readonly #unit: HarTimeUnit;
  #lastMs: number;

  constructor(startedMs: number, unit: HarTimeUnit) {
    this.#startedMs = startedMs;
    this.#unit = unit;
    this.#lastMs = startedMs;
  }

  tell(time: number): number {
    const atMs = readHarTime({ startedMs: this.#startedMs, time }, this.#unit);
    this.#lastMs = Math.max(this.#lastMs, atMs ?? this.#lastMs);
    return this.#lastMs;
  }
}

function firstMessageMs({ startedMs, messages }: HarCall, unit: HarTimeUnit): number {
  const first = messages.find((message) => typeof message !== "string");
  return first === undefined ? Infinity : new MessageClock(startedMs, unit).tell(first.time);
}

function openedMs({ entry, startedMs }: HarCall): number {
  return entry.opened?.atMs ?? startedMs;
}

function addressesOf(entry: HarEntry): {
  readonly clientAddress: string | null;
  readonly peerAddress: string | null;
  readonly gatewayAddress: string | null;
} {
  const { opened } = entry;
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
