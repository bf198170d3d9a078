import { requestBody } from "../wire/http-body.ts";
import { parseRequestHead } from "../wire/http-head.ts";
import type { RequestHead } from "../wire/http-head.ts";
import { HttpReader } from "../wire/http-reader.ts";
import { asksForUpgrade } from "../wire/upgrade.ts";

const NOTHING = new Uint8Array();

/**
 * Puts another value into the Host header of every request on a connection, and leaves all other bytes as they are. What it
 * does not understand it passes on as it came.
 */
export class HostRewriter {
  readonly #host: string;
  readonly #reader = new HttpReader("client", parseRequestHead);
  /** `asked` after an upgrade request: the next byte tells whether it was taken. In `raw` nothing is looked at any more. */
  #state: "http" | "asked" | "raw" = "http";

  constructor(host: string) {
    this.#host = host;
  }

  /** The bytes to send instead. An unfinished head is held back until its rest comes. */
  rewrite(bytes: Uint8Array): Uint8Array {
    if (this.#state === "raw") return bytes;
    const pieces: Uint8Array[] = [];
    let rest = bytes;
    while (rest.length > 0) rest = this.#take(rest, pieces);
    const [only = NOTHING, ...more] = pieces;
    return more.length === 0 ? only : Buffer.concat(pieces);
  }

  /** What is still held back when the client sends nothing more. */
  end(): Uint8Array {
    return this.#reader.held();
  }

  #take(bytes: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    // A method begins with a capital letter; as first byte of a frame those have a reserved bit set (RFC 6455, section 5.2).
    if (this.#state === "asked") this.#state = isCapital(bytes[0] ?? 0) ? "http" : "raw";
    if (this.#state === "raw") {
      pieces.push(bytes);
      return NOTHING;
    }
    const part = this.#reader.read(bytes);
    if (part === null) return NOTHING;
    pieces.push(part.name === "head" ? replaceHost(part.bytes, this.#host) : part.bytes);
    if (part.name === "head") this.#follow(part.head);
    if (part.name !== "failed") return part.rest;
    this.#state = "raw";
    return NOTHING;
  }

  #follow(head: RequestHead): void {
    const body = requestBody(head);
    if (head.method === "CONNECT" || (body.type !== "length" && body.type !== "chunked")) {
      this.#state = "raw";
      return;
    }
    this.#reader.expectBody(body);
    const isOver = this.#reader.place === "between";
    if (isOver && asksForUpgrade(head.headers)) this.#state = "asked";
  }
}

// Latin-1 gives each byte back as it was.
function replaceHost(head: Uint8Array, host: string): Uint8Array {
  const text = Buffer.from(head).toString("latin1");
  const replaced = text.replace(/(\r?\nhost:[ \t]*)[^\r\n]*/gi, (_, name: string) => name + host);
  return Buffer.from(replaced, "latin1");
}

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}
