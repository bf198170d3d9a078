import { Buffer } from "node:buffer";
import type {
  ClosedEntry,
  HttpBodyEntry,
  HttpRequestEntry,
  HttpResponseEntry,
  OpenedEntry,
} from "../../recording/entry.ts";
import { headerValue, type Headers } from "../../wire/message.ts";

/** What all HAR entries of one connection share. */
export interface HarOrigin {
  readonly connection: number;
  /** Milliseconds since the Unix epoch at `atMs` 0. */
  readonly startedMs: number;
  /** `host:port` for requests that name no host. */
  readonly host: string;
  readonly isSecure: boolean;
}

/** One HTTP exchange as far as it is known. */
export interface HarExchange {
  readonly request: HttpRequestEntry | null;
  readonly response: HttpResponseEntry | null;
  /** The bodies, where the recording has them. */
  readonly requestBody: HttpBodyEntry | null;
  readonly responseBody: HttpBodyEntry | null;
}

/** When something was, in seconds since the Unix epoch, as Chrome counts. */
export function toHarSeconds({ startedMs }: HarOrigin, atMs: number): number {
  return Math.round((startedMs + atMs) * 1000) / 1e6;
}

/** What is told of a connection with its last entry. */
export interface HarEnds {
  /** When the last of the entry was. */
  readonly lastAtMs: number;
  readonly opened: OpenedEntry | null;
  readonly closed: ClosedEntry | null;
  readonly comments: readonly string[];
}

/** A HAR entry without its messages. */
export function buildHarEntry(
  origin: HarOrigin,
  { request, response, requestBody, responseBody }: HarExchange,
  answeredMs: number,
  { lastAtMs, opened, closed, comments }: HarEnds,
): Readonly<Record<string, unknown>> {
  const atMs = request?.atMs ?? answeredMs;
  const isSocket = response === null ? request === null : response.status === 101;
  const url = urlOf(origin, request, isSocket);
  const wait = toMilliseconds(answeredMs - atMs);
  const receive = toMilliseconds(Math.max(0, lastAtMs - answeredMs));
  return {
    startedDateTime: toInstant(origin.startedMs + atMs),
    ...(isSocket ? { _resourceType: "websocket" } : {}),
    request: {
      method: request?.method ?? "GET",
      url,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: toPairs(request?.headers ?? []),
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: requestBody?.sizeBytes ?? -1,
      ...postDataOf(request, requestBody),
      ...(request?.redacted === true ? { _redacted: true } : {}),
    },
    response: {
      // Zero is what Chrome writes for an answer that never came.
      status: response?.status ?? 0,
      statusText: response?.reason ?? "",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: toPairs(response?.headers ?? []),
      content: contentOf(response, responseBody),
      redirectURL: headerValue(response?.headers ?? [], "location") ?? "",
      headersSize: -1,
      bodySize: responseBody?.sizeBytes ?? -1,
      ...(response?.redacted === true ? { _redacted: true } : {}),
    },
    cache: {},
    time: toMilliseconds(wait + receive),
    timings: { send: 0, wait, receive },
    connection: String(origin.connection),
    ...(opened?.gatewayAddress ? { serverIPAddress: withoutPort(opened.gatewayAddress) } : {}),
    ...(comments.length === 0 ? {} : { comment: comments.join("; ") }),
    _gwTrace: {
      opened: opened === null ? null : withTime(origin, opened),
      closed: closed === null ? null : withTime(origin, closed),
    },
  };
}

function withTime(
  origin: HarOrigin,
  entry: OpenedEntry | ClosedEntry,
): Readonly<Record<string, unknown>> {
  const time = toHarSeconds(origin, entry.atMs);
  if (entry.kind === "closed") return { time, by: entry.by, how: entry.how, error: entry.error };
  const { clientAddress, peerAddress, gatewayAddress } = entry;
  return { time, clientAddress, peerAddress, gatewayAddress };
}

function urlOf(origin: HarOrigin, request: HttpRequestEntry | null, isSocket: boolean): string {
  const target = request?.target ?? "/";
  if (/^[a-z]+:\/\//i.test(target)) return target;
  const host = headerValue(request?.headers ?? [], "host") ?? origin.host;
  const scheme = isSocket ? "ws" : "http";
  return `${scheme}${origin.isSecure ? "s" : ""}://${host}${target}`;
}

function queryOf(url: string): readonly object[] {
  const [, query = ""] = url.split(/\?(.*)/s);
  return Array.from(new URLSearchParams(query), ([name, value]) => ({ name, value }));
}

function contentOf(response: HttpResponseEntry | null, body: HttpBodyEntry | null): object {
  const headers = response?.headers ?? [];
  const length = Number(headerValue(headers, "content-length") ?? 0);
  return {
    size: Number.isSafeInteger(length) && length >= 0 ? length : 0,
    mimeType: headerValue(headers, "content-type") ?? "x-unknown",
    ...textOf(body, "encoding"),
  };
}

function postDataOf(request: HttpRequestEntry | null, body: HttpBodyEntry | null): object {
  if (body === null) return {};
  const mimeType = headerValue(request?.headers ?? [], "content-type") ?? "x-unknown";
  // HAR 1.2 has an encoding for what was answered only.
  return { postData: { mimeType, params: [], ...textOf(body, "_encoding") } };
}

function textOf(body: HttpBodyEntry | null, encoding: "encoding" | "_encoding"): object {
  if (body === null) return {};
  const { content, omitted } = body;
  if (content === null) return { comment: `not kept: ${omitted ?? "unknown"}` };
  if (content.type === "text") return { text: content.text };
  return { text: Buffer.from(content.bytes).toString("base64"), [encoding]: "base64" };
}

function toPairs(headers: Headers): readonly object[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** ISO 8601 with microseconds, as mitmproxy writes it; what reads only milliseconds passes over the rest. */
function toInstant(epochMs: number): string {
  const wholeMs = Math.floor(epochMs);
  const micros = Math.min(999, Math.round((epochMs - wholeMs) * 1000));
  return new Date(wholeMs).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}

function toMilliseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "");
}
