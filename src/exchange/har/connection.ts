import type { Entry, HttpBodyEntry, MessageEntry } from "../../recording/entry.ts";
import { buildHarEntry, toHarSeconds, type HarExchange, type HarOrigin } from "./entry.ts";
import { encodeHarMessage } from "./message.ts";

/** An HTTP exchange as far as it is known, and what was said after it. */
type Told = { -readonly [Key in keyof HarExchange]: HarExchange[Key] } & {
  /** Null where it opened no WebSocket. */
  messages: MessageEntry[] | null;
};

/** What crossed one connection, as HAR has it. */
class Exchanges {
  readonly all: Told[] = [];
  readonly comments: string[] = [];
  readonly #unanswered: Told[] = [];
  #socket: MessageEntry[] | null = null;

  add(entry: Entry): void {
    switch (entry.kind) {
      case "opened":
      case "closed":
        return;
      case "http-request":
        if (this.#socket === null) this.#unanswered.push(this.#begin({ request: entry }));
        else this.comments.push(`${entry.method} after its first message is left out`);
        return;
      case "http-response": {
        // An interim answer is followed by the one that counts (RFC 9110, section 15.2).
        if (this.#socket !== null || (entry.status < 200 && entry.status !== 101)) return;
        const told = this.#unanswered.shift() ?? this.#begin({});
        told.response = entry;
        if (entry.status === 101) this.#socket = told.messages = [];
        return;
      }
      case "http-body":
        return this.#addBody(entry);
      case "message":
        if (this.#socket === null) {
          this.comments.push("its upgrade is not in the recording");
          this.#socket = this.#begin({ messages: [] }).messages;
        }
        this.#socket?.push(entry);
        return;
      case "undecodable":
        this.comments.push(
          `${entry.sizeBytes} bytes of the ${entry.from} could not be understood: ${entry.reason}`,
        );
        return;
      case "gap":
        this.comments.push(`gw-trace was blind for a while: ${entry.reason}`);
    }
  }

  #begin(known: Partial<Told>): Told {
    const nothing = { request: null, requestBody: null, response: null, responseBody: null };
    const told: Told = { ...nothing, messages: null, ...known };
    this.all.push(told);
    return told;
  }

  /** A body belongs to the last head of its side. */
  #addBody(entry: HttpBodyEntry): void {
    const isAsked = entry.from === "client";
    const told = this.all.findLast(
      ({ request, response, messages }) =>
        messages === null && (isAsked ? request : response) !== null,
    );
    if (told === undefined) this.comments.push(`a body of the ${entry.from} without a head`);
    else told[isAsked ? "requestBody" : "responseBody"] = entry;
  }
}

/** Writes the entries of one connection as entries of a HAR, each beginning with a comma, in pieces; none where it never said anything. */
export function* renderHarConnection(
  origin: HarOrigin,
  entries: readonly Entry[],
): Generator<string, void, undefined> {
  const exchanges = new Exchanges();
  for (const entry of entries) exchanges.add(entry);
  const opened = entries.find((entry) => entry.kind === "opened") ?? null;
  const closed = entries.find((entry) => entry.kind === "closed") ?? null;
  for (const told of exchanges.all) {
    const { request, response, messages } = told;
    const answeredMs = response?.atMs ?? request?.atMs ?? messages?.[0]?.atMs ?? 0;
    const lastAtMs = (messages ?? []).reduce((last, { atMs }) => Math.max(last, atMs), answeredMs);
    // How the connection ended, and what is to be said of it, is told with the last.
    const ends =
      told === exchanges.all.at(-1)
        ? { lastAtMs, opened, closed, comments: exchanges.comments }
        : { lastAtMs, opened, closed: null, comments: [] };
    yield `,\n${JSON.stringify(buildHarEntry(origin, told, answeredMs, ends)).slice(0, -1)}`;
    if (messages !== null) {
      yield ',"_webSocketMessages":[';
      for (const [index, entry] of messages.entries()) {
        const message = encodeHarMessage(entry, toHarSeconds(origin, entry.atMs));
        yield `${index === 0 ? "" : ","}\n  ${JSON.stringify(message)}`;
      }
      yield "]";
    }
    yield "}";
  }
}
