import { isUtf8 } from "node:buffer";
import { PerMessageDeflate, Receiver } from "ws";
import { readFrameHead } from "./frame-walker.ts";
import { Unmasker } from "./unmasker.ts";
import type { FrameHead } from "./frame-walker.ts";
import type { Message, Side } from "./message.ts";

/** What became of one chunk. `leftOver` is what was not understood, from the first byte of the frame at fault. */
export type ReadOutcome =
  | { readonly state: "more" }
  /** A close frame came: nothing may follow it (RFC 6455, section 5.5.1). */
  | { readonly state: "concluded"; readonly leftOver: Uint8Array }
  | { readonly state: "failed"; readonly reason: string; readonly leftOver: Uint8Array };

/** The settings of one side's reader. */
export interface MessageReaderOptions {
  readonly from: Side;
  /** The parameters of permessage-deflate from the 101 response; null when it was not agreed on. */
  readonly deflate: object | null;
  readonly maxMessageBytes: number;
  readonly onMessage: (message: Message, sizeBytes: number) => void;
}

/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/** A side may inflate so much, and from then on no more than so many times what came. JSON deflates to a tenth, or a thirtieth. */
const MAX_INFLATED_BYTES = 1024 * 1024;
const MAX_INFLATION = 100;

/**
 * Turns the bytes of one side, after the upgrade, into messages (RFC 6455). It finds where frames begin and end, and reads text
 * messages of one frame, which nearly all are, itself: ws's `Receiver`, which reads all others, takes a masked one of 16 KB off its
 * mask in more time than all else that is done to record it. That is given whole frames, so that its errors have a place.
 */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  readonly #deflate: PerMessageDeflate | null = null;
  readonly #unmasker = new Unmasker();
  #receiver: Receiver;
  /** The frame under way: what came of it, and its head once that is whole. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #head: FrameHead | null = null;
  /** The fragments already given to the receiver of a message that is not whole yet. */
  #fragmentBytes = 0;
  #deflatedBytes = 0;
  #inflatedBytes = 0;
  #concluded = false;

  /** @throws {Error} when the extension's parameters are not those of RFC 7692, section 7.1. */
  constructor(options: MessageReaderOptions) {
    this.#options = options;
    if (options.deflate !== null) {
      const maxPayload = options.maxMessageBytes;
      this.#deflate = new PerMessageDeflate({ isServer: this.#isServer, maxPayload });
      // A copy for each side: ws normalises the parameters in place.
      this.#deflate.accept([structuredClone(options.deflate)]);
    }
    this.#receiver = this.#createReceiver();
  }

  /**
   * Reads a chunk, unmasking it in place. `done` is called once: at once, or later when something has to be inflated. From then on
   * the chunk is the caller's again.
   */
  read(bytes: Buffer, done: (outcome: ReadOutcome) => void): void {
    if (this.#partsBytes === 0) return this.#readFrames(bytes, 0, done);
    const frame = this.#complete(bytes);
    if (frame === null) return done({ state: "more" });
    this.#readFrames(frame, 0, done);
  }

  /**
   * Forgets the message under way: bytes of it are missing, and what is read next begins another. False when that cannot be
   * read, because it may be compressed with what is missing (RFC 7692, section 7.1.1).
   */
  restart(): boolean {
    this.#forgetParts();
    this.#fragmentBytes = 0;
    if (this.#deflate !== null) return false;
    this.#receiver = this.#createReceiver();
    return true;
  }

  /** How many bytes came since the last whole message; 0 between messages. */
  unfinishedBytes(): number {
    return this.#fragmentBytes + this.#partsBytes;
  }

  /** Frees what inflating needs. Only between reads. */
  dispose(): void {
    this.#deflate?.cleanup();
  }

  /** The frame under way, joined with these bytes, as soon as that may be more than it was; null when more are needed. */
  #complete(bytes: Buffer): Buffer | null {
    // A large frame that comes in many small pieces is joined once.
    if (this.#head !== null && this.#partsBytes + bytes.length < this.#head.sizeBytes) {
      this.#keep(bytes);
      return null;
    }
    const joined = Buffer.concat([...this.#parts, bytes]);
    this.#forgetParts();
    return joined;
  }

  #readFrames(bytes: Buffer, start: number, done: (outcome: ReadOutcome) => void): void {
    let at = start;
    while (at < bytes.length) {
      const head = readFrameHead(bytes, this.#options.from, at);
      const isHopeless =
        head !== null && (head.isBroken || head.payloadBytes > this.#options.maxMessageBytes);
      if (head === null || (!isHopeless && bytes.length - at < head.sizeBytes)) {
        this.#head = head;
        this.#keep(bytes.subarray(at));
        break;
      }
      const end = Math.min(at + head.sizeBytes, bytes.length);
      if (!isHopeless && this.#readText(bytes, at, head)) {
        at = end;
        continue;
      }
      const outcome = this.#feed(bytes, at, end, head, done);
      if (outcome === null) return;
      if (outcome.state !== "more") return done(outcome);
      at = end;
    }
    done({ state: "more" });
  }

  /** Reads a whole text message; false, and nothing is changed, when it is anything else. */
  #readText(bytes: Buffer, at: number, head: FrameHead): boolean {
    if (!head.isFinal || head.opcode !== 1 || head.isCompressed || this.#fragmentBytes > 0) {
      return false;
    }
    const end = at + head.sizeBytes;
    const start = end - head.payloadBytes;
    if (this.#isServer) this.#unmasker.apply(bytes, start, end);
    const text = bytes.toString("utf8", start, end);
    if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) {
      if (this.#isServer) this.#unmasker.apply(bytes, start, end);
      return false;
    }
    this.#options.onMessage({ type: "text", text }, head.payloadBytes);
    return true;
  }

  /** Gives a frame to the receiver. Null when that is at work: then it goes on by itself, and `done` is called in the end. */
  #feed(
    bytes: Buffer,
    at: number,
    end: number,
    head: FrameHead,
    done: (outcome: ReadOutcome) => void,
  ): ReadOutcome | null {
    // The receiver keeps fragments until their message is whole.
    const frame = head.isFinal ? bytes.subarray(at, end) : Buffer.from(bytes.subarray(at, end));
    this.#count(head);
    const receiver = this.#receiver;
    let isLate = false;
    receiver.write(frame, () => {
      if (!isLate) return;
      const outcome = this.#outcome(bytes, at, end);
      if (outcome.state === "more") this.#readFrames(bytes, end, done);
      else done(outcome);
    });
    isLate = receiver.errored === null && receiver.writableLength > 0;
    return isLate ? null : this.#outcome(bytes, at, end);
  }

  #outcome(bytes: Buffer, at: number, end: number): ReadOutcome {
    const { errored } = this.#receiver;
    if (errored !== null || this.#isTooInflated) {
      const reason =
        errored === null
          ? `inflates to more than ${MAX_INFLATION} times its size`
          : describe(errored, this.#options.maxMessageBytes);
      return { state: "failed", reason, leftOver: bytes.subarray(at) };
    }
    return this.#concluded
      ? { state: "concluded", leftOver: bytes.subarray(end) }
      : { state: "more" };
  }

  #count(head: FrameHead): void {
    if (head.opcode >= 8) return;
    this.#fragmentBytes = head.isFinal ? 0 : this.#fragmentBytes + head.sizeBytes;
    this.#deflatedBytes += head.sizeBytes;
  }

  get #isTooInflated(): boolean {
    return this.#inflatedBytes > MAX_INFLATED_BYTES + this.#deflatedBytes * MAX_INFLATION;
  }

  #keep(bytes: Buffer): void {
    this.#parts.push(Buffer.from(bytes));
    this.#partsBytes += bytes.length;
  }

  #forgetParts(): void {
    this.#parts = [];
    this.#partsBytes = 0;
    this.#head = null;
  }

  /** The server's end of a connection is the one that reads what the client sent. */
  get #isServer(): boolean {
    return this.#options.from === "client";
  }

  #createReceiver(): Receiver {
    const extensions =
      this.#deflate === null ? {} : { [PerMessageDeflate.extensionName]: this.#deflate };
    const { onMessage, maxMessageBytes: maxPayload } = this.#options;
    const receiver = new Receiver({ isServer: this.#isServer, extensions, maxPayload });
    // Errors are asked for; without a listener they would end the process.
    receiver.on("error", () => undefined);
    receiver.on("message", (data: Buffer, isBinary: boolean) => {
      this.#inflatedBytes += data.length;
      if (this.#isTooInflated) return;
      const message: Message = isBinary
        ? { type: "binary", bytes: Uint8Array.from(data) }
        : { type: "text", text: data.toString("utf8") };
      onMessage(message, data.length);
    });
    for (const type of ["ping", "pong"] as const) {
      receiver.on(type, (data: Buffer) =>
        onMessage({ type, bytes: Uint8Array.from(data) }, data.length),
      );
    }
    receiver.on("conclude", (code: number, reason: Buffer) => {
      this.#concluded = true;
      // ws says 1005 for an empty body; that code cannot come over the wire (RFC 6455, section 7.4.1).
      if (code === 1005) onMessage({ type: "close", code: null, reason: "" }, 0);
      else onMessage({ type: "close", code, reason: reason.toString("utf8") }, reason.length + 2);
    });
    return receiver;
  }
}

function describe(error: Error, maxMessageBytes: number): string {
  const code = "code" in error ? String(error.code) : "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return `message larger than ${maxMessageBytes} bytes`;
  }
  return code.startsWith("WS_ERR") ? error.message : `cannot inflate: ${error.message}`;
}
