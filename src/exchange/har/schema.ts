import { isJsonObject, type JsonObject, ownField } from "../../gateway/json-object.ts";
import type { Headers, Side } from "../../wire/message.ts";
import { isHeadTooLarge, isRecordableMs } from "../import-bounds.ts";

/*
 * A HAR may have a million entries, most of whose fields are missing in one writer or another. They are read by hand: a field that is
 * not what it should be counts as missing, at no cost.
 */

/** What gw-trace notes of how a connection began, for which HAR has no field. */
export interface HarOpened {
  readonly atMs: number;
  readonly clientAddress: string | null;
  readonly peerAddress: string | null;
  readonly gatewayAddress: string | null;
}

/** And of how it ended. */
export interface HarClosed {
  readonly atMs: number;
  readonly by: Side | "tap";
  readonly how: "fin" | "reset" | "unreachable" | "stopped";
  readonly error: string | null;
}

/** An entry of a HAR, as far as it matters here. */
export interface HarEntry {
  readonly startedDateTime: string;
  /** How long it took, in milliseconds. */
  readonly time: number;
  /** How long it took until the answer began. */
  readonly answeredAfterMs: number;
  readonly serverIPAddress: string | null;
  readonly resourceType: string | null;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Headers;
    readonly redacted: boolean;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: Headers;
    readonly redacted: boolean;
  };
  /** True for an answer that a browser had already: nothing of it crossed the wire. */
  readonly isCached: boolean;
  readonly messages: readonly unknown[] | null;
  /** Where Playwright put the messages when it was told not to embed them. */
  readonly messagesFile: string | null;
  /** The connection's number, where gw-trace wrote the HAR. Of others, no field means it. */
  readonly connection: string | null;
  readonly opened: HarOpened | null;
  readonly closed: HarClosed | null;
}

/** The outside of a HAR, its entries not looked at yet. */
export interface HarLog {
  /** The name and the version of its writer. */
  readonly creator: string | null;
  readonly comment: string | null;
  readonly entries: readonly unknown[];
  /** The recording's header. */
  readonly own: unknown;
}

/** Reads the outside of a HAR; null when it is none. */
export function parseHarLog(value: unknown): HarLog | null {
  const log = objectIn(isJsonObject(value) ? value : {}, "log");
  const entries = log["entries"];
  if (!Array.isArray(entries)) return null;
  const creator = objectIn(log, "creator");
  const name = textIn(creator, "name");
  return {
    creator: name === null ? null : `${name} ${textIn(creator, "version") ?? ""}`.trimEnd(),
    comment: textIn(log, "comment"),
    entries,
    own: log["_gwTrace"],
  };
}

/** Reads an entry, or says what makes it none. Never throws. */
export function parseHarEntry(value: unknown): HarEntry | string {
  if (!isJsonObject(value)) return "it is no object";
  const startedDateTime = textIn(value, "startedDateTime");
  if (startedDateTime === null) return "it has no startedDateTime";
  const request = objectIn(value, "request");
  const [method, url] = [textIn(request, "method"), textIn(request, "url")];
  if (method === null || url === null) return "it has no request with a method and a url";
  if (!isJsonObject(value["response"])) return "it has no response";
  const response = value["response"];
  const [asked, answered] = [headersIn(request), headersIn(response)];
  if (isHeadTooLarge(asked) || isHeadTooLarge(answered))
    return "its headers are larger than any that are recorded";
  const messages = value["_webSocketMessages"];
  const own = value["_gwTrace"];
  return {
    startedDateTime,
    time: durationIn(value, "time"),
    answeredAfterMs: answeredAfter(objectIn(value, "timings")),
    serverIPAddress: textIn(value, "serverIPAddress"),
    resourceType: textIn(value, "_resourceType"),
    request: { method, url, headers: asked, redacted: request["_redacted"] === true },
    response: {
      status: statusOf(response),
      statusText: textIn(response, "statusText") ?? "",
      headers: answered,
      redacted: response["_redacted"] === true,
    },
    isCached:
      textIn(value, "_fromCache") !== null ||
      (statusOf(response) > 0 && response["_transferSize"] === 0),
    messages: Array.isArray(messages) ? messages : null,
    messagesFile: textIn(objectIn(response, "content"), "_file"),
    connection: isJsonObject(own) ? textIn(value, "connection") : null,
    opened: isJsonObject(own) ? openedOf(objectIn(own, "opened")) : null,
    closed: isJsonObject(own) ? closedOf(objectIn(own, "closed")) : null,
  };
}

function openedOf(opened: JsonObject): HarOpened | null {
  const atMs = instantIn(opened);
  if (atMs === null) return null;
  return {
    atMs,
    clientAddress: textIn(opened, "clientAddress"),
    peerAddress: textIn(opened, "peerAddress"),
    gatewayAddress: textIn(opened, "gatewayAddress"),
  };
}

const CLOSERS = ["client", "gateway", "tap"] as const;
const WAYS = ["fin", "reset", "unreachable", "stopped"] as const;

function closedOf(closed: JsonObject): HarClosed | null {
  const atMs = instantIn(closed);
  const by = CLOSERS.find((one) => one === closed["by"]);
  const how = WAYS.find((one) => one === closed["how"]);
  if (atMs === null || by === undefined || how === undefined) return null;
  return { atMs, by, how, error: textIn(closed, "error") };
}

/** None, where one of them is no header. HTTP/2 has fields of its own for the request line, and HTTP/1.1 had none. */
function headersIn({ headers }: JsonObject): Headers {
  const read: (readonly [string, string])[] = [];
  for (const pair of Array.isArray(headers) ? headers : []) {
    const name = isJsonObject(pair) ? textIn(pair, "name") : null;
    if (name === null) return [];
    if (!name.startsWith(":")) read.push([name, textIn(pair, "value") ?? ""]);
  }
  return read;
}

function answeredAfter(timings: JsonObject): number {
  const phases = ["blocked", "dns", "connect", "send", "wait"];
  return phases.reduce((sum, phase) => sum + durationIn(timings, phase), 0);
}

function statusOf({ status }: JsonObject): number {
  return Number.isSafeInteger(status) && Number(status) > 0 ? Number(status) : 0;
}

/** In seconds since the Unix epoch, as gw-trace writes it. */
function instantIn({ time }: JsonObject): number | null {
  return typeof time === "number" && isRecordableMs(time * 1000) ? time * 1000 : null;
}

/** Writers put -1 for what they do not know. */
function durationIn(object: JsonObject, key: string): number {
  const value = ownField(object, key);
  return typeof value === "number" && value > 0 && isRecordableMs(value) ? value : 0;
}

function textIn(object: JsonObject, key: string): string | null {
  const value = ownField(object, key);
  return typeof value === "string" ? value : null;
}

function objectIn(object: JsonObject, key: string): JsonObject {
  const value = ownField(object, key);
  return isJsonObject(value) ? value : {};
}
