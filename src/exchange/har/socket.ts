import type { NewEntry } from "../../recording/entry.ts";
import type { HarCall, HarGroup } from "./groups.ts";
import { decodeHarMessage } from "./message.ts";
import type { HarEntry } from "./schema.ts";
import { readHarTime, type HarTimeUnit } from "./time.ts";
import type { ImportRemarks } from "../import-remarks.ts";

/** An entry that is not placed in its recording yet. */
export type MadeEntry<E = NewEntry> = E extends unknown ? Omit<E, "atMs"> : never;

/** Here the messages of a call come. `make` has to be given each in order; it makes null of what is no message. */
export interface MessagesStep {
  readonly kind: "messages";
  readonly call: HarCall;
  readonly make: (value: unknown) => MadeEntry | null;
}

/**
 * The entries of one connection, by the wall clock, which never goes back here: their order is that of the HAR. Who reads them reads
 * the messages where these come, so that they can lie anywhere.
 */
export function* readHarConnection(
  { exchanges }: HarGroup,
  connection: number,
  unit: HarTimeUnit,
): Generator<MadeEntry | MessagesStep, void, undefined> {
  let nowMs = -Infinity;
  const at = (wallMs: number): { readonly wallMs: number; readonly connection: number } => {
    nowMs = Math.max(nowMs, wallMs);
    return { wallMs: nowMs, connection };
  };
  for (const [index, call] of exchanges.entries()) {
    if (index === 0) yield { kind: "opened", ...at(openedMs(call)), ...addressesOf(call.entry) };
    const { request, response } = call.entry;
    yield {
      kind: "http-request",
      ...at(call.startedMs),
      method: request.method,
      target: targetOf(request.url),
      headers: request.headers,
      redacted: request.redacted,
    };
    if (response.status > 0) {
      yield {
        kind: "http-response",
        ...at(Math.min(answeredMs(call), firstMessageMs(call, unit))),
        status: response.status,
        reason: response.statusText,
        headers: response.headers,
        redacted: response.redacted,
      };
    }
    const clock = new MessageClock(call.startedMs, unit);
    yield {
      kind: "messages",
      call,
      make(value) {
        const decoded = decodeHarMessage(value);
        if (typeof decoded === "string") return null;
        const { time, ...message } = decoded;
        return { kind: "message", ...message, ...at(clock.tell(time)) };
      },
    };
  }
  const closed = exchanges.at(-1)?.entry.own?.closed ?? null;
  if (closed !== null) {
    const { time, by, how, error } = closed;
    yield { kind: "closed", ...at(time * 1000), by, how, error };
  }
}

/** Says what of the messages of a connection is left out. */
export function tellSkippedMessages({ exchanges }: HarGroup, remarks: ImportRemarks): void {
  for (const { entry, survey } of exchanges) {
    if (!entry.hasMessages) {
      if (entry.messagesFile?.endsWith(".jsonl") === true)
        remarks.note(
          `messages are in ${entry.messagesFile} beside it: record with content: "embed"`,
        );
      continue;
    }
    for (const [place, why] of survey.problems)
      remarks.skip(`${entry.request.url}, message ${place}`, why);
    remarks.skipMore(survey.skipped - survey.problems.length);
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

function firstMessageMs({ startedMs, survey }: HarCall, unit: HarTimeUnit): number {
  if (survey.firstTime === null) return Infinity;
  return new MessageClock(startedMs, unit).tell(survey.firstTime);
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
