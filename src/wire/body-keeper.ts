import { isUtf8 } from "node:buffer";
import { decodeBody } from "./body-coding.ts";
import type { BodyContent } from "./message.ts";

/** A larger body is not kept. */
const MAX_BODY_BYTES = 1024 * 1024;

/** How many bytes of bodies under way may be kept, over all connections that share it. */
export class BodyRoom {
  #leftBytes: number;

  constructor(sizeBytes: number) {
    this.#leftBytes = sizeBytes;
  }

  /** Takes so much of the room; false when there is not so much. */
  take(sizeBytes: number): boolean {
    if (sizeBytes > this.#leftBytes) return false;
    this.#leftBytes -= sizeBytes;
    return true;
  }

  /** Gives back what was taken. */
  give(sizeBytes: number): void {
    this.#leftBytes += sizeBytes;
  }
}

/** What is known of an HTTP body when it is over. */
export interface KeptBody {
  /** Null when it was not kept; `omitted` says why. */
  readonly content: BodyContent | null;
  readonly omitted: string | null;
  /** Its size on the wire, without the framing of chunks. */
  readonly sizeBytes: number;
}

/** Keeps one HTTP body while it comes: all of it, or nothing. */
export class BodyKeeper {
  readonly #room: BodyRoom;
  readonly #contentEncoding: string | null;
  #parts: Uint8Array[] = [];
  #keptBytes = 0;
  #sizeBytes = 0;
  #omitted: string | null = null;

  constructor(room: BodyRoom, contentEncoding: string | null) {
    this.#room = room;
    this.#contentEncoding = contentEncoding;
  }

  /** Takes in the next bytes; keeps a copy. */
  add(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.length;
    if (this.#omitted !== null) return;
    if (this.#sizeBytes > MAX_BODY_BYTES) this.#omit(`larger than ${MAX_BODY_BYTES} bytes`);
    else if (!this.#room.take(bytes.length)) this.#omit("too many bodies at once");
    else {
      this.#keptBytes += bytes.length;
      this.#parts.push(Uint8Array.from(bytes));
    }
  }

  /** The body came to its end. */
  finish(): KeptBody {
    const bytes = this.#omitted === null ? Buffer.concat(this.#parts) : null;
    this.#release();
    if (bytes === null) return this.#body(null);
    const decoded = decodeBody(bytes, this.#contentEncoding, MAX_BODY_BYTES);
    if (decoded === null) {
      this.#omitted = `cannot undo its content-encoding ${this.#contentEncoding}`;
      return this.#body(null);
    }
    return this.#body(
      isUtf8(decoded)
        ? { type: "text", text: Buffer.from(decoded).toString("utf8") }
        : { type: "binary", bytes: Uint8Array.from(decoded) },
    );
  }

  /** The body was cut short. What is half a text hides what it holds from redaction, so nothing of it is kept. */
  cutShort(): KeptBody {
    this.#omit("cut short");
    return this.#body(null);
  }

  #body(content: BodyContent | null): KeptBody {
    return { content, omitted: this.#omitted, sizeBytes: this.#sizeBytes };
  }

  #omit(reason: string): void {
    this.#omitted ??= reason;
    this.#release();
  }

  #release(): void {
    this.#room.give(this.#keptBytes);
    this.#keptBytes = 0;
    this.#parts = [];
  }
}
