import { isForwardingHeader } from "../gateway/address.ts";
import type { HttpBodyEntry, HttpRequestEntry, HttpResponseEntry } from "../recording/entry.ts";
import { headerValue } from "../wire/message.ts";
import type { Side } from "../wire/message.ts";
import type { HttpBody, HttpCall, Upgrade } from "./model.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Numbered<T> = T & { readonly entry: number };

/** How much of a body a trace keeps. */
const START_CHARACTERS = 2000;

/** Reads the HTTP of one connection: plain calls, and the upgrade that makes it a WebSocket. */
export class HttpBuilder {
  upgrade: Mutable<Upgrade> | null = null;
  readonly calls: Mutable<HttpCall>[] = [];
  /** The place of the oldest call that waits for its answer. */
  #open = 0;
  /** The calls to which the last heads belong; null where that was the upgrade. */
  readonly #last: Record<Side, Mutable<HttpCall> | null> = { client: null, gateway: null };

  /** Takes in a request head. */
  addRequest(entry: Numbered<HttpRequestEntry>): void {
    if (headerValue(entry.headers, "upgrade")?.toLowerCase() === "websocket") {
      this.upgrade = {
        requestEntry: entry.entry,
        responseEntry: null,
        host: headerValue(entry.headers, "host"),
        origin: headerValue(entry.headers, "origin"),
        forwardingHeaders: entry.headers
          .map(([name]) => name.toLowerCase())
          .filter(isForwardingHeader),
        status: null,
      };
      this.#last.client = null;
      return;
    }
    const call: Mutable<HttpCall> = {
      method: entry.method,
      target: entry.target,
      requestEntry: entry.entry,
      responseEntry: null,
      startMs: entry.atMs,
      durationMs: null,
      status: null,
      answerLost: false,
      requestBody: null,
      responseBody: null,
    };
    this.calls.push(call);
    this.#last.client = call;
  }

  /** Takes in a response head. Answers come in the order of the requests (RFC 9112, section 9.3.2), so it belongs to the oldest open one. */
  addResponse(entry: Numbered<HttpResponseEntry>): void {
    // An interim answer leaves its request open (RFC 9110, section 15.2).
    if (entry.status < 200 && entry.status !== 101) return;
    const open = this.calls[this.#open] ?? null;
    this.#last.gateway = open;
    if (open !== null) {
      this.#open += 1;
      open.responseEntry = entry.entry;
      open.status = entry.status;
      open.durationMs = entry.atMs - open.startMs;
    } else if (this.upgrade !== null && this.upgrade.responseEntry === null) {
      this.upgrade.responseEntry = entry.entry;
      this.upgrade.status = entry.status;
    }
  }

  /** Something was not recorded: whose answer comes next is unknown. */
  addGap(): void {
    for (const call of this.calls.slice(this.#open)) call.answerLost = true;
    this.#open = this.calls.length;
    this.#last.client = null;
    this.#last.gateway = null;
  }

  /** Takes in a body: it belongs to the last head of its side. */
  addBody({ entry, from, content, omitted, sizeBytes }: Numbered<HttpBodyEntry>): void {
    const call = this.#last[from];
    if (call === null) return;
    const start = content?.type === "text" ? content.text.slice(0, START_CHARACTERS) : null;
    const body: HttpBody = { entry, sizeBytes, start, omitted };
    if (from === "client") call.requestBody = body;
    else call.responseBody = body;
  }
}
