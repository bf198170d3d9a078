import type {
  ClosedEntry,
  Entry,
  HttpBodyEntry,
  HttpRequestEntry,
  MessageEntry,
  OpenedEntry,
} from "../../recording/entry.ts";
import {
  buildHarHead,
  buildHarTail,
  toHarSeconds,
  type HarExchange,
  type HarOrigin,
} from "./entry.ts";
import { encodeHarMessage } from "./message.ts";

/** A request that waits for its answer. */
interface Asked {
  readonly request: HttpRequestEntry;
  requestBody: HttpBodyEntry | null;
}

const UNASKED: HarExchange = {
  request: null,
  requestBody: null,
  response: null,
  responseBody: null,
};

/**
 * Writes one connection as entries of a HAR, in pieces: a socket's messages are written as they come, so that a long
 * connection is never held as a whole.
 */
export class HarConnection {
  readonly #origin: HarOrigin;
  readonly #comments: string[] = [];
  readonly #requests: Asked[] = [];
  #opened: OpenedEntry | null = null;
  #closed: ClosedEntry | null = null;
  #socket: HarExchange | null = null;
  #messages = 0;
  #lastAtMs = 0;
  /** The last plain exchange: how the connection ended is told with it. */
  #held: HarExchange | null = null;

  /** True while it has no request and no message. */
  isSilent = true;

  constructor(origin: HarOrigin) {
    this.#origin = origin;
  }

  /** Takes the next entry of the connection; yields what can be written by now: a HAR entry begins with a comma. */
  *add(entry: Entry): Generator<string, void, undefined> {
    if (entry.kind === "http-request" || entry.kind === "message") this.isSilent = false;
    switch (entry.kind) {
      case "opened":
        this.#opened = entry;
        return;
      case "closed":
        this.#closed = entry;
        return;
      case "http-request":
        if (this.#socket === null) this.#requests.push({ request: entry, requestBody: null });
        else this.#comments.push(`${entry.method} after its first message is left out`);
        return;
      case "http-response":
        if (this.#socket !== null) return;
        // An interim answer is followed by the one that counts (RFC 9110, section 15.2).
        if (entry.status < 200 && entry.status !== 101) return;
        return yield* this.#begin({ ...UNASKED, ...this.#requests.shift(), response: entry });
      case "http-body":
        return this.#addBody(entry);
      case "message":
        return yield* this.#addMessage(entry);
      case "undecodable":
        this.#comments.push(
          `${entry.sizeBytes} bytes of the ${entry.from} could not be understood: ${entry.reason}`,
        );
        return;
      case "gap":
        this.#comments.push(`gw-trace was blind for a while: ${entry.reason}`);
    }
  }

  /** Yields the rest. */
  *end(): Generator<string, void, undefined> {
    if (this.#socket !== null) return yield `]${this.#tail(this.#socket, true)}`;
    for (const asked of this.#requests.splice(0)) yield* this.#begin({ ...UNASKED, ...asked });
    yield* this.#flushHeld(true);
  }

  *#begin(exchange: HarExchange): Generator<string, void, undefined> {
    yield* this.#flushHeld(false);
    const { response } = exchange;
    if (response?.status !== 101) this.#held = exchange;
    else yield this.#openSocket(exchange, response.atMs);
  }

  /** A body belongs to the last head of its side. */
  #addBody(entry: HttpBodyEntry): void {
    const asked = this.#requests.at(-1);
    if (entry.from === "client" && asked !== undefined) asked.requestBody = entry;
    else if (this.#held === null) this.#comments.push(`a body of the ${entry.from} without a head`);
    else if (entry.from === "client") this.#held = { ...this.#held, requestBody: entry };
    else this.#held = { ...this.#held, responseBody: entry };
  }

  *#addMessage(entry: MessageEntry): Generator<string, void, undefined> {
    if (this.#socket === null) {
      yield* this.#flushHeld(false);
      this.#comments.push("its upgrade is not in the recording");
      yield this.#openSocket(UNASKED, entry.atMs);
    }
    const message = encodeHarMessage(entry, toHarSeconds(this.#origin, entry.atMs));
    yield `${this.#messages === 0 ? "" : ","}\n  ${JSON.stringify(message)}`;
    this.#messages += 1;
    this.#lastAtMs = Math.max(this.#lastAtMs, entry.atMs);
  }

  #openSocket(exchange: HarExchange, atMs: number): string {
    this.#socket = exchange;
    this.#lastAtMs = atMs;
    const head = JSON.stringify(buildHarHead(this.#origin, exchange, atMs)).slice(0, -1);
    return `,\n${head},"_webSocketMessages":[`;
  }

  *#flushHeld(isLast: boolean): Generator<string, void, undefined> {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    this.#lastAtMs = held.response?.atMs ?? held.request?.atMs ?? 0;
    const head = JSON.stringify(buildHarHead(this.#origin, held, this.#lastAtMs)).slice(0, -1);
    yield `,\n${head}${this.#tail(held, isLast)}`;
  }

  /** The last fields of an entry, with the comma before them. */
  #tail(exchange: HarExchange, isLast: boolean): string {
    const fields = buildHarTail(this.#origin, exchange, {
      lastAtMs: this.#lastAtMs,
      opened: this.#opened,
      closed: isLast ? this.#closed : null,
      comments: this.#comments.splice(0),
    });
    return `,${JSON.stringify(fields).slice(1)}`;
  }
}
