import { isForwardingHeader } from "../gateway/address.ts";
import type { HttpRequestEntry, HttpResponseEntry } from "../recording/entry.ts";
import { headerValue } from "../wire/message.ts";
import type { HttpCall, Upgrade } from "./model.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Numbered<T> = T & { readonly entry: number };

/** Reads the HTTP heads of one connection: plain calls, and the upgrade that makes it a WebSocket. */
export class HttpBuilder {
  upgrade: Mutable<Upgrade> | null = null;
  readonly calls: Mutable<HttpCall>[] = [];

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
      return;
    }
    this.calls.push({
      method: entry.method,
      target: entry.target,
      requestEntry: entry.entry,
      responseEntry: null,
      startMs: entry.atMs,
      durationMs: null,
      status: null,
    });
  }

  /** Takes in a response head. Answers come in the order of the requests (RFC 9112, section 9.3.2), so it belongs to the oldest open one. */
  addResponse(entry: Numbered<HttpResponseEntry>): void {
    const open = this.calls.find((call) => call.responseEntry === null);
    if (open !== undefined) {
      open.responseEntry = entry.entry;
      open.status = entry.status;
      open.durationMs = entry.atMs - open.startMs;
    } else if (this.upgrade !== null && this.upgrade.responseEntry === null) {
      this.upgrade.responseEntry = entry.entry;
      this.upgrade.status = entry.status;
    }
  }
}
