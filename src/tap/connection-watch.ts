import { ConnectionBuilder } from "../trace/connection.ts";
import type { Entry, MessageEntry } from "../recording/entry.ts";
import type { Connection } from "../trace/model.ts";

/** Messages of a connection that are understood one and all. Most connections have fewer. */
const MESSAGES_IN_FULL = 400;

/** Messages after those that are understood all the same, since they tell of a failure. */
const MORE_MESSAGES = 1000;

/** The last requests, among which that of a failure is looked for. */
const REQUESTS_KEPT = 64;

/** Larger ones are not kept: a failure among them is only counted. */
const MAX_KEPT_CHARACTERS = 4096;

/** What a Gateway and its clients write first; any other order of the keys is read in full. */
const REQUEST = '{"type":"req"';
const RESPONSE = '{"type":"res"';
const EVENT = '{"type":"event"';
const ANSWER = /^[^{]{0,120}"ok":(true|false)/;

type Numbered = MessageEntry & { readonly entry: number };

/**
 * Follows one connection while it is recorded, for as long as it lasts, in bounded memory. To understand each message would cost
 * more than recording it: after some hundreds, only those that tell of a failure are looked into.
 */
export class ConnectionWatch {
  readonly #builder: ConnectionBuilder;
  readonly #requests: Numbered[] = [];
  #isDecided = false;
  #messages = 0;
  #moreMessages = 0;
  #moreCalls = 0;
  #moreFailed = 0;

  constructor(first: Entry) {
    this.#builder = new ConnectionBuilder(first, null);
  }

  /** Takes in the next entry. True when it decides the handshake. */
  add(entry: Entry): boolean {
    if (entry.kind === "message") {
      this.#messages += 1;
      if (this.#messages > MESSAGES_IN_FULL) {
        this.#glance(entry);
        return false;
      }
    }
    this.#builder.add(entry);
    if (this.#isDecided || entry.kind !== "message") return false;
    this.#isDecided = this.#builder.connection().outcome !== "incomplete";
    return this.#isDecided;
  }

  /** What is known by now. */
  sum(): { readonly connection: Connection; readonly calls: number; readonly failed: number } {
    const connection = { ...this.#builder.connection(), messageCount: this.#messages };
    const failed = connection.rpcs.filter(({ ok }) => ok === false).length;
    return {
      connection,
      calls: connection.rpcs.length + this.#moreCalls,
      failed: failed + this.#moreFailed,
    };
  }

  #glance(entry: Numbered): void {
    if (entry.message.type !== "text") {
      this.#understand(entry);
      return;
    }
    const { text } = entry.message;
    if (text.startsWith(REQUEST)) {
      this.#moreCalls += 1;
      if (text.length > MAX_KEPT_CHARACTERS) return;
      this.#requests[this.#moreCalls % REQUESTS_KEPT] = entry;
    } else if (text.startsWith(RESPONSE)) this.#glanceAtResponse(entry, text);
    else if (!text.startsWith(EVENT)) this.#understand(entry);
  }

  #glanceAtResponse(entry: Numbered, text: string): void {
    const [, ok] = ANSWER.exec(text.slice(RESPONSE.length, RESPONSE.length + 160)) ?? [];
    if (ok === "true") return;
    const id = /"id":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
    const request = this.#requests.find(
      ({ message }) => id !== undefined && message.type === "text" && message.text.includes(id),
    );
    if (request === undefined || !this.#understand(request)) {
      if (ok === "false") this.#moreFailed += 1;
      return;
    }
    // From here on the builder counts this call.
    this.#moreCalls -= 1;
    this.#understand(entry);
  }

  #understand(entry: Numbered): boolean {
    if (this.#moreMessages >= MORE_MESSAGES) return false;
    this.#moreMessages += 1;
    this.#builder.add(entry);
    return true;
  }
}
