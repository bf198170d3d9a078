import { createBodySkipper, type BodyListener, type BodySkipper } from "./http-body.ts";
import { mayBeginHead } from "./http-head.ts";
import type { SkippableBody } from "./http-body.ts";
import type { Side } from "./message.ts";

/** A head may be so large: far larger than any server takes. */
const MAX_HEAD_BYTES = 256 * 1024;

/** What the first of the bytes given are; `rest` comes after them. All bytes are in one part, as they came. */
export type HttpPart<Head> =
  /** A whole head. Another follows, unless `expectBody` is called. */
  | {
      readonly name: "head";
      readonly head: Head;
      readonly bytes: Uint8Array;
      readonly rest: Uint8Array;
    }
  /** Of a body, the framing of chunks included; or empty lines before a head (RFC 9112, section 2.2). */
  | {
      readonly name: "body" | "empty-lines";
      readonly bytes: Uint8Array;
      readonly isOver: boolean;
      readonly rest: Uint8Array;
    }
  /** No HTTP, with all that was held back. Nothing more is to be read. */
  | { readonly name: "failed"; readonly reason: string; readonly bytes: Uint8Array };

/** Where in an HTTP message a side is; `body-until-end` is whole when the side ends there. */
export type HttpPlace = "between" | "head" | "body" | "body-until-end";

/** Reads the HTTP/1.1 messages that one side sends, however they are cut. What it is given belongs to the caller again at once. */
export class HttpReader<Head> {
  readonly #from: Side;
  readonly #parseHead: (text: string) => Head | null;
  #scanner = new HeadScanner();
  #body: BodySkipper | null = null;
  #isUntilEnd = false;
  #isBroken = false;

  /** `parseHead` gives null for what is no head of this side. */
  constructor(from: Side, parseHead: (text: string) => Head | null) {
    this.#from = from;
    this.#parseHead = parseHead;
  }

  /** Where this side is in a message. */
  get place(): HttpPlace {
    if (this.#body !== null) return this.#isUntilEnd ? "body-until-end" : "body";
    return this.#scanner.sizeBytes > 0 ? "head" : "between";
  }

  /** What is held back: a head, as far as it came. */
  held(): Uint8Array {
    return this.#scanner.bytes();
  }

  /** Says that a body follows the head just read; `onData` hears it without the framing of chunks. */
  expectBody(framing: SkippableBody, onData: BodyListener | null = null): void {
    if (framing.type === "length" && framing.sizeBytes === 0) return;
    this.#body = createBodySkipper(framing, onData);
    this.#isUntilEnd = framing.type === "until-close";
  }

  /** The next part; null when all is held back, since more is needed. The bytes must not be empty. */
  read(bytes: Uint8Array): HttpPart<Head> | null {
    if (this.#isBroken) return { name: "failed", reason: "invalid chunked HTTP body", bytes };
    return this.#body === null ? this.#readHead(bytes) : this.#readBody(this.#body, bytes);
  }

  #readHead(bytes: Uint8Array): HttpPart<Head> | null {
    const scanner = this.#scanner;
    const empty = scanner.sizeBytes === 0 ? countLineEnds(bytes) : 0;
    if (empty > 0) {
      const [lines, rest] = [bytes.subarray(0, empty), bytes.subarray(empty)];
      return { name: "empty-lines", bytes: lines, isOver: true, rest };
    }
    const { taken, whole } = scanner.take(bytes);
    const isTooLarge = scanner.sizeBytes > MAX_HEAD_BYTES;
    const mayBe = mayBeginHead(this.#from, scanner.start(64));
    if (!whole && !isTooLarge && mayBe) return null;
    const held = scanner.bytes();
    const rest = bytes.subarray(taken);
    this.#scanner = new HeadScanner();
    const head = isTooLarge || !mayBe ? null : this.#parseHead(latin1(held));
    if (head !== null) return { name: "head", head, bytes: held, rest };
    const reason =
      isTooLarge && mayBe ? `HTTP head larger than ${MAX_HEAD_BYTES} bytes` : notHttp(held);
    return { name: "failed", reason, bytes: Buffer.concat([held, rest]) };
  }

  #readBody(body: BodySkipper, bytes: Uint8Array): HttpPart<Head> {
    const { taken, state } = body.skip(bytes);
    if (state !== "more") this.#body = null;
    this.#isBroken = state === "invalid";
    // The byte at fault begins what is not understood.
    const end = this.#isBroken ? taken - 1 : taken;
    const [own, rest] = [bytes.subarray(0, end), bytes.subarray(end)];
    return { name: "body", bytes: own, isOver: state === "whole", rest };
  }
}

function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  while (bytes[count] === LF || bytes[count] === CR) count += 1;
  return count;
}

/** One character a byte: header values are not always UTF-8 (RFC 9110, section 5.5). */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function notHttp(bytes: Uint8Array): string {
  // A TLS record begins with its type, 22 for a handshake, and major version 3 (RFC 8446, section 5.1).
  return bytes[0] === 22 && bytes[1] === 3 ? "not HTTP: a TLS handshake" : "not HTTP";
}

const LF = 10;
const CR = 13;

/** Collects the bytes of one side up to the empty line that ends an HTTP head, however they are cut. */
class HeadScanner {
  #parts: Uint8Array[] = [];
  #lineIsEmpty = true;
  /** How many bytes of the head have come. */
  sizeBytes = 0;

  /** Takes bytes and says how many of them belong to the head, and whether it is whole. Keeps a copy. */
  take(bytes: Uint8Array): { readonly taken: number; readonly whole: boolean } {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === LF && this.#lineIsEmpty) {
        this.#keep(bytes.subarray(0, i + 1));
        return { taken: i + 1, whole: true };
      }
      if (byte !== CR) this.#lineIsEmpty = byte === LF;
    }
    this.#keep(bytes);
    return { taken: bytes.length, whole: false };
  }

  /** All bytes of the head so far. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  /** The first bytes so far, one character a byte. It is asked for with every piece, so it looks at no more of them than it needs. */
  start(maxBytes: number): string {
    let sizeBytes = 0;
    const enough = this.#parts.findIndex((part) => (sizeBytes += part.length) >= maxBytes);
    const parts = enough === -1 ? this.#parts : this.#parts.slice(0, enough + 1);
    return Buffer.concat(parts).toString("latin1", 0, maxBytes);
  }

  #keep(bytes: Uint8Array): void {
    this.#parts.push(Uint8Array.from(bytes));
    this.sizeBytes += bytes.length;
  }
}
