import { createBodySkipper } from "../wire/body-skipper.ts";
import type { BodySkipper } from "../wire/body-skipper.ts";
import { HeadScanner } from "../wire/head-scanner.ts";
import { requestBody } from "../wire/http-body.ts";
import { mayBeginHead, parseRequestHead } from "../wire/http-head.ts";
import { asksForUpgrade } from "../wire/upgrade.ts";

const MAX_HEAD_BYTES = 64 * 1024;

type State =
  | { readonly name: "head"; readonly scanner: HeadScanner }
  | { readonly name: "body"; readonly skipper: BodySkipper }
  /** After an upgrade request: the next byte tells whether it was taken. */
  | { readonly name: "asked" }
  | { readonly name: "raw" };

const NOTHING = new Uint8Array();

/**
 * Puts another value into the Host header of every request on a connection, and leaves all other bytes as they are. What it
 * does not understand it passes on as it came.
 */
export class HostRewriter {
  readonly #host: string;
  #state: State = { name: "head", scanner: new HeadScanner() };

  constructor(host: string) {
    this.#host = host;
  }

  /** The bytes to send instead. An unfinished head is held back until its rest comes. */
  rewrite(bytes: Uint8Array): Uint8Array {
    if (this.#state.name === "raw") return bytes;
    const pieces: Uint8Array[] = [];
    let rest = bytes;
    while (rest.length > 0) rest = this.#take(rest, pieces);
    const [only = NOTHING, ...more] = pieces;
    return more.length === 0 ? only : Buffer.concat(pieces);
  }

  /** What is still held back when the client sends nothing more. */
  end(): Uint8Array {
    return this.#state.name === "head" ? this.#state.scanner.bytes() : NOTHING;
  }

  #take(bytes: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    const state = this.#state;
    switch (state.name) {
      case "head":
        return this.#takeHead(state.scanner, bytes, pieces);
      case "body": {
        const { taken, state: progress } = state.skipper.skip(bytes);
        if (progress === "whole") this.#expectHead();
        if (progress === "invalid") this.#state = { name: "raw" };
        pieces.push(bytes.subarray(0, taken));
        return bytes.subarray(taken);
      }
      case "asked":
        // A method begins with a capital letter; as first byte of a frame those have a reserved bit set (RFC 6455, section 5.2).
        if (isCapital(bytes[0] ?? 0)) this.#expectHead();
        else this.#state = { name: "raw" };
        return bytes;
      case "raw":
        pieces.push(bytes);
        return NOTHING;
    }
  }

  #takeHead(scanner: HeadScanner, bytes: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    const { taken, whole } = scanner.take(bytes);
    const mayBe = scanner.sizeBytes <= MAX_HEAD_BYTES && mayBeginHead("client", scanner.start(64));
    if (!whole && mayBe) return bytes.subarray(taken);
    const head = whole ? parseRequestHead(scanner.text()) : null;
    if (head === null) {
      this.#state = { name: "raw" };
      pieces.push(scanner.bytes());
      return bytes.subarray(taken);
    }
    pieces.push(replaceHost(scanner.bytes(), this.#host));
    const body = requestBody(head);
    const hasBody = body.type !== "length" || body.sizeBytes > 0;
    if (hasBody && (body.type === "length" || body.type === "chunked")) {
      this.#state = { name: "body", skipper: createBodySkipper(body) };
    } else if (hasBody || head.method === "CONNECT") this.#state = { name: "raw" };
    else if (asksForUpgrade(head.headers)) this.#state = { name: "asked" };
    else this.#expectHead();
    return bytes.subarray(taken);
  }

  #expectHead(): void {
    this.#state = { name: "head", scanner: new HeadScanner() };
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
