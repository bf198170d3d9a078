import { PerMessageDeflate, Receiver } from "ws";
import { MAX_FRAME_HEAD_BYTES, readFrameHead } from "./frame-head.ts";
import { TextFrames } from "./text-frames.ts";
import type { FrameHead } from "./frame-head.ts";
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

/**
 * Turns the bytes of one side, after the upgrade, into messages (RFC 6455). All but the plainest frames are read by ws's own
 * `Receiver`. It is given whole frames: a large one that comes in many small pieces would cost it quadratic time, and so its
 * errors have a place.
 */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  readonly #deflate: PerMessageDeflate | null = null;
  readonly #texts: TextFrames;
  #receiver: Receiver;
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #head: FrameHead | null = null;
  /** The fragments already given to the receiver of a message that is not whole yet. */
  #fragmentBytes = 0;
  #concluded = false;

  /** @throws {Error} when the extension's parameters are not those of RFC 7692, section 7.1. */
  constructor(options: MessageReaderOptions) {
    this.#options = options;
    const { from, maxMessageBytes, onMessage } = options;
    this.#texts = new TextFrames(from, maxMessageBytes, (text, sizeBytes) =>
      onMessage({ type: "text", text }, sizeBytes),
    );
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
    this.#parts.push(bytes);
    this.#partsBytes += bytes.length;
    this.#readOn((outcome) => {
      const last = this.#parts.pop();
      if (last !== undefined) this.#parts.push(Buffer.from(last));
      done(outcome);
    });
  }

  /**
   * Forgets the message under way: bytes of it are missing, and what is read next begins another. False when that cannot be
   * read, because it may be compressed with what is missing (RFC 7692, section 7.1.1).
   */
  restart(): boolean {
    this.#parts = [];
    this.#partsBytes = 0;
    this.#head = null;
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

  #readOn(done: (outcome: ReadOutcome) => void): void {
    for (;;) {
      this.#readTexts();
      const frame = this.#nextFrame();
      if (frame === null) return done({ state: "more" });
      if (this.#isRead(frame)) continue;
      let outcome: ReadOutcome | null = null;
      let isSync = true;
      // oxlint-disable-next-line no-loop-func -- each frame has its own callback, and is waited for
      this.#feed(frame, (result) => {
        outcome = result;
        if (isSync) return;
        if (result.state === "more") this.#readOn(done);
        else done(result);
      });
      isSync = false;
      if (outcome === null) return;
      if ((outcome as ReadOutcome).state !== "more") return done(outcome);
    }
  }

  /** Reads what needs no `Receiver`, as far as it lies in one piece. */
  #readTexts(): void {
    const [bytes] = this.#parts;
    if (bytes === undefined || this.#parts.length > 1 || this.#fragmentBytes > 0) return;
    const taken = this.#texts.read(bytes);
    if (taken === 0) return;
    this.#head = null;
    this.#parts = taken === bytes.length ? [] : [bytes.subarray(taken)];
    this.#partsBytes -= taken;
  }

  /** The same for a frame that came in pieces. */
  #isRead(frame: Buffer): boolean {
    if (this.#fragmentBytes > 0 || this.#texts.read(frame) < frame.length) return false;
    this.#head = null;
    return true;
  }

  /** The next whole frame, or a broken one as far as it came; null when more bytes are needed. */
  #nextFrame(): Buffer | null {
    if (this.#head === null) {
      if (this.#partsBytes < 2) return null;
      this.#head = readFrameHead(this.#start(), this.#options.from);
      if (this.#head === null) return null;
    }
    const { sizeBytes, payloadBytes, isBroken } = this.#head;
    const isHopeless = isBroken || payloadBytes > this.#options.maxMessageBytes;
    if (this.#partsBytes < sizeBytes && !isHopeless) return null;
    const [frame, rest] = this.#split(sizeBytes);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#partsBytes = rest.length;
    return frame;
  }

  /** The first so many bytes in one piece, and the rest, which is not copied. */
  #split(sizeBytes: number): readonly [frame: Buffer, rest: Buffer] {
    const last = this.#parts.at(-1) ?? Buffer.alloc(0);
    const lastUsed = sizeBytes - (this.#partsBytes - last.length);
    const used = last.subarray(0, lastUsed);
    const frame =
      this.#parts.length === 1 ? used : Buffer.concat([...this.#parts.slice(0, -1), used]);
    return [frame, last.subarray(lastUsed)];
  }

  #start(): Buffer {
    const first = this.#parts[0];
    return first !== undefined && first.length >= MAX_FRAME_HEAD_BYTES ? first : this.#merge();
  }

  #merge(): Buffer {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  #feed(frame: Buffer, done: (outcome: ReadOutcome) => void): void {
    // The receiver keeps fragments until their message is whole.
    const own = this.#head?.isFinal === false ? Buffer.from(frame) : frame;
    this.#countFragment(frame);
    this.#head = null;
    // Straight to _write, not write(): the stream in between would report errors a tick late and out of order.
    // oxlint-disable-next-line no-underscore-dangle -- the name is node:stream's
    this.#receiver._write(own, "binary", (error) => {
      if (error) {
        const reason = describe(error, this.#options.maxMessageBytes);
        const leftOver = Buffer.concat([frame, ...this.#parts]);
        done({ state: "failed", reason, leftOver });
      } else if (this.#concluded) done({ state: "concluded", leftOver: this.#merge() });
      else done({ state: "more" });
    });
  }

  #countFragment(frame: Buffer): void {
    if (this.#head === null || this.#head.opcode >= 8) return;
    this.#fragmentBytes = this.#head.isFinal ? 0 : this.#fragmentBytes + frame.length;
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
    receiver.on("message", (data: Buffer, isBinary: boolean) => {
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
