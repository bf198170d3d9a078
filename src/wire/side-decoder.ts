import { HeadScanner } from "./head-scanner.ts";
import { mayBeginHead } from "./http-head.ts";
import { BodyKeeper } from "./body-keeper.ts";
import { createBodySkipper } from "./body-skipper.ts";
import { MessageReader } from "./message-reader.ts";
import type { BodyFraming } from "./http-body.ts";
import type { BodyRoom, KeptBody } from "./body-keeper.ts";
import type { BodySkipper } from "./body-skipper.ts";
import type { ReadOutcome } from "./message-reader.ts";
import type { Message, Side } from "./message.ts";

/** What one side tells the connection that it belongs to. */
export interface SideListener {
  /** A whole head came. False when it is no HTTP; else the listener has called `expectBody`, `expectMessages` or `hold`. */
  readonly head: (text: string) => boolean;
  readonly body: (body: KeptBody) => void;
  readonly message: (message: Message, sizeBytes: number) => void;
  readonly undecodable: (reason: string, sizeBytes: number, bytes: Uint8Array) => void;
}

type State =
  | { readonly name: "head"; readonly scanner: HeadScanner }
  | {
      readonly name: "body";
      readonly skipper: BodySkipper;
      readonly untilClose: boolean;
      readonly keeper: BodyKeeper | null;
    }
  /** Waits to hear whether what follows is HTTP or WebSocket. */
  | { readonly name: "held"; readonly parts: Uint8Array[]; sizeBytes: number }
  | { readonly name: "messages"; readonly reader: MessageReader }
  | { readonly name: "opaque"; readonly reason: string; told: boolean; untoldBytes: number };

/** How much a side keeps. */
export interface SideLimits {
  readonly maxMessageBytes: number;
  /** Room for HTTP bodies; null to keep none. */
  readonly bodyRoom: BodyRoom | null;
}

const MAX_HEAD_BYTES = 256 * 1024;
const MAX_HELD_BYTES = 1024 * 1024;
const EVIDENCE_BYTES = 256;

/** Decodes what one side of a connection sends: HTTP heads and bodies, then perhaps WebSocket messages. */
export class SideDecoder {
  readonly #from: Side;
  readonly #listener: SideListener;
  readonly #limits: SideLimits;
  #state: State = { name: "head", scanner: new HeadScanner() };

  constructor(from: Side, limits: SideLimits, listener: SideListener) {
    this.#from = from;
    this.#limits = limits;
    this.#listener = listener;
  }

  /**
   * Takes the first part of the bytes. `done` is called once, at once or (while inflating) later, with what is left,
   * which may belong to another state, or with null.
   */
  take(bytes: Uint8Array, done: (rest: Uint8Array | null) => void): void {
    const state = this.#state;
    switch (state.name) {
      case "head":
        return done(this.#takeHead(state.scanner, bytes));
      case "body":
        return done(this.#takeBody(state, bytes));
      case "held":
        return done(this.#hold(state, bytes));
      case "messages":
        return state.reader.read(asBuffer(bytes), (outcome) => done(this.#afterRead(outcome)));
      case "opaque":
        return done(this.#countOpaque(state, bytes));
    }
  }

  /** Says how what follows the head just reported is framed. */
  expectBody(framing: BodyFraming, contentEncoding: string | null): void {
    if (framing.type === "invalid") this.goOpaque(framing.reason);
    else if (framing.type === "tunnel") this.goOpaque("tunnelled by CONNECT");
    else if (framing.type === "length" && framing.sizeBytes === 0) this.#expectHead();
    else {
      const { bodyRoom } = this.#limits;
      const keeper = bodyRoom === null ? null : new BodyKeeper(bodyRoom, contentEncoding);
      const untilClose = framing.type === "until-close";
      const skipper = createBodySkipper(framing, keeper && ((bytes) => keeper.add(bytes)));
      this.#state = { name: "body", skipper, untilClose, keeper };
    }
  }

  /** Keeps what follows until it is known what it is. */
  hold(): void {
    this.#state = { name: "held", parts: [], sizeBytes: 0 };
  }

  /** The held bytes, or null when nothing was being held; what follows is HTTP until said otherwise. */
  release(): Uint8Array | null {
    if (this.#state.name !== "held") return null;
    const held = Buffer.concat(this.#state.parts);
    this.#expectHead();
    return held;
  }

  /** From here on this side speaks WebSocket. */
  expectMessages(deflate: object | null): void {
    const { name } = this.#state;
    if (name === "opaque") return;
    if (name === "body" || (name === "head" && this.#state.scanner.sizeBytes > 0)) {
      return this.goOpaque("the protocol was switched in the middle of an HTTP message");
    }
    try {
      const reader = new MessageReader({
        from: this.#from,
        deflate,
        maxMessageBytes: this.#limits.maxMessageBytes,
        onMessage: (message, sizeBytes) => this.#listener.message(message, sizeBytes),
      });
      this.#state = { name: "messages", reader };
    } catch {
      this.goOpaque("permessage-deflate with parameters outside RFC 7692");
    }
  }

  /** From here on nothing is understood; the first bytes that come are reported, the rest is counted. */
  goOpaque(reason: string): void {
    if (this.#state.name === "opaque") return;
    this.#leave(this.#state);
    this.#state = { name: "opaque", reason, told: false, untoldBytes: 0 };
  }

  /**
   * Bytes are missing here, and what comes next begins a message. Only between takes. Returns how many bytes of a message that
   * had begun were thrown away with it.
   */
  skip(): number {
    const state = this.#state;
    if (state.name !== "messages") {
      this.goOpaque("came after bytes that were not recorded");
      return 0;
    }
    const unfinished = state.reader.unfinishedBytes();
    if (!state.reader.restart()) this.goOpaque("compressed with what was not recorded");
    return unfinished;
  }

  /** This side is over: reports what was cut short. Only between takes. */
  end(): void {
    const state = this.#state;
    const { undecodable } = this.#listener;
    if (state.name === "head" && state.scanner.sizeBytes > 0) {
      const bytes = state.scanner.bytes();
      undecodable("ended inside an HTTP head", bytes.length, bytes.slice(0, EVIDENCE_BYTES));
    } else if (state.name === "body" && state.untilClose) {
      if (state.keeper !== null) this.#listener.body(state.keeper.finish());
    } else if (state.name === "body") {
      this.#leave(state);
      undecodable("ended inside an HTTP body", 0, new Uint8Array());
    } else if (state.name === "held" && state.sizeBytes > 0) {
      this.#giveUpHolding(state);
    } else if (state.name === "messages" && state.reader.unfinishedBytes() > 0) {
      undecodable("ended inside a message", state.reader.unfinishedBytes(), new Uint8Array());
    } else if (state.name === "opaque" && state.untoldBytes > 0) {
      undecodable(`${state.reason} (the rest)`, state.untoldBytes, new Uint8Array());
    }
    if (state.name === "messages") this.#leave(state);
    this.#state = { name: "opaque", reason: "came after the end", told: false, untoldBytes: 0 };
  }

  /** Frees what a state holds that is not played to its end. */
  #leave(state: State): void {
    if (state.name === "messages") state.reader.dispose();
    if (state.name === "body" && state.keeper !== null) {
      this.#listener.body(state.keeper.cutShort());
    }
  }

  #expectHead(): void {
    this.#state = { name: "head", scanner: new HeadScanner() };
  }

  #takeHead(scanner: HeadScanner, bytes: Uint8Array): Uint8Array | null {
    const { taken, whole } = scanner.take(bytes);
    if (whole) this.#expectHead();
    const isTooLarge = scanner.sizeBytes > MAX_HEAD_BYTES;
    if (whole && !isTooLarge && this.#listener.head(scanner.text())) return bytes.subarray(taken);
    if (whole && !isTooLarge) this.goOpaque(notHttp(scanner.bytes()));
    else if (!mayBeginHead(this.#from, scanner.start(64))) this.goOpaque(notHttp(scanner.bytes()));
    else if (isTooLarge) {
      this.goOpaque(`HTTP head larger than ${MAX_HEAD_BYTES} bytes`);
    } else return null;
    // The bytes of the failed head are the evidence.
    return Buffer.concat([scanner.bytes(), bytes.subarray(taken)]);
  }

  #takeBody(body: Extract<State, { name: "body" }>, bytes: Uint8Array): Uint8Array | null {
    const { taken, state } = body.skipper.skip(bytes);
    if (state === "whole") {
      this.#expectHead();
      if (body.keeper !== null) this.#listener.body(body.keeper.finish());
    }
    if (state === "invalid") this.goOpaque("invalid chunked HTTP body");
    return bytes.subarray(taken);
  }

  #hold(state: Extract<State, { name: "held" }>, bytes: Uint8Array): null {
    state.parts.push(Uint8Array.from(bytes));
    state.sizeBytes += bytes.length;
    if (state.sizeBytes > MAX_HELD_BYTES) this.#giveUpHolding(state);
    return null;
  }

  #giveUpHolding(state: Extract<State, { name: "held" }>): void {
    const held = Buffer.concat(state.parts);
    this.goOpaque("sent before the upgrade was answered");
    if (this.#state.name === "opaque") this.#countOpaque(this.#state, held);
  }

  #afterRead(outcome: ReadOutcome): Uint8Array | null {
    if (outcome.state === "more") return null;
    this.goOpaque(outcome.state === "failed" ? outcome.reason : "came after the close frame");
    return outcome.leftOver;
  }

  #countOpaque(state: Extract<State, { name: "opaque" }>, bytes: Uint8Array): null {
    if (state.told) state.untoldBytes += bytes.length;
    else {
      const evidence = Uint8Array.from(bytes.subarray(0, EVIDENCE_BYTES));
      state.told = true;
      this.#listener.undecodable(state.reason, bytes.length, evidence);
    }
    return null;
  }
}

function notHttp(bytes: Uint8Array): string {
  // A TLS record begins with its type, 22 for a handshake, and major version 3 (RFC 8446, section 5.1).
  return bytes[0] === 22 && bytes[1] === 3 ? "not HTTP: a TLS handshake" : "not HTTP";
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
