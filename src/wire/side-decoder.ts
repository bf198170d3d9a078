import { BodyKeeper } from "./body-keeper.ts";
import { HttpReader } from "./http-reader.ts";
import { MessageReader } from "./message-reader.ts";
import type { BodyFraming } from "./http-body.ts";
import type { BodyRoom, KeptBody } from "./body-keeper.ts";
import type { ReadOutcome } from "./message-reader.ts";
import type { Message, Side } from "./message.ts";

/** What one side tells the connection that it belongs to. */
export interface SideListener<Head> {
  /** A whole head came. The listener calls `expectBody`, `expectMessages` or `hold`. */
  readonly head: (head: Head) => void;
  readonly body: (body: KeptBody) => void;
  readonly message: (message: Message, sizeBytes: number) => void;
  readonly undecodable: (reason: string, sizeBytes: number, bytes: Uint8Array) => void;
}

type State<Head> =
  | { readonly name: "http"; readonly reader: HttpReader<Head>; keeper: BodyKeeper | null }
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

const MAX_HELD_BYTES = 1024 * 1024;
const EVIDENCE_BYTES = 256;

/** Decodes what one side of a connection sends: HTTP heads and bodies, then perhaps WebSocket messages. */
export class SideDecoder<Head> {
  readonly #from: Side;
  readonly #parseHead: (text: string) => Head | null;
  readonly #listener: SideListener<Head>;
  readonly #limits: SideLimits;
  #state: State<Head>;

  constructor(
    from: Side,
    parseHead: (text: string) => Head | null,
    limits: SideLimits,
    listener: SideListener<Head>,
  ) {
    this.#from = from;
    this.#parseHead = parseHead;
    this.#limits = limits;
    this.#listener = listener;
    this.#state = this.#http();
  }

  /**
   * Takes the first part of the bytes. `done` is called once, at once or (while inflating) later, with what is left,
   * which may belong to another state, or with null.
   */
  take(bytes: Uint8Array, done: (rest: Uint8Array | null) => void): void {
    const state = this.#state;
    switch (state.name) {
      case "http":
        return done(this.#takeHttp(state, bytes));
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
    const state = this.#state;
    if (state.name !== "http") return;
    if (framing.type === "invalid") this.goOpaque(framing.reason);
    else if (framing.type === "tunnel") this.goOpaque("tunnelled by CONNECT");
    else {
      const { bodyRoom } = this.#limits;
      const keeper = bodyRoom === null ? null : new BodyKeeper(bodyRoom, contentEncoding);
      state.reader.expectBody(framing, keeper && ((data) => keeper.add(data)));
      state.keeper = state.reader.place === "between" ? null : keeper;
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
    this.#state = this.#http();
    return held;
  }

  /** From here on this side speaks WebSocket. */
  expectMessages(deflate: object | null): void {
    const state = this.#state;
    if (state.name === "opaque") return;
    if (state.name === "http" && state.reader.place !== "between") {
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
    if (state.name === "http") this.#endHttp(state);
    else if (state.name === "held" && state.sizeBytes > 0) {
      this.#giveUpHolding(state);
    } else if (state.name === "messages" && state.reader.unfinishedBytes() > 0) {
      undecodable("ended inside a message", state.reader.unfinishedBytes(), new Uint8Array());
    } else if (state.name === "opaque" && state.untoldBytes > 0) {
      undecodable(`${state.reason} (the rest)`, state.untoldBytes, new Uint8Array());
    }
    if (state.name === "messages") this.#leave(state);
    this.#state = { name: "opaque", reason: "came after the end", told: false, untoldBytes: 0 };
  }

  #endHttp(state: Extract<State<Head>, { name: "http" }>): void {
    const { undecodable } = this.#listener;
    switch (state.reader.place) {
      case "between":
        return;
      case "head": {
        const bytes = state.reader.held();
        return undecodable("ended inside an HTTP head", bytes.length, bytes.slice(0, EVIDENCE_BYTES)); // prettier-ignore
      }
      case "body":
        this.#leave(state);
        return undecodable("ended inside an HTTP body", 0, new Uint8Array());
      case "body-until-end":
        if (state.keeper !== null) this.#listener.body(state.keeper.finish());
    }
  }

  /** Frees what a state holds that is not played to its end. */
  #leave(state: State<Head>): void {
    if (state.name === "messages") state.reader.dispose();
    if (state.name === "http" && state.keeper !== null) {
      this.#listener.body(state.keeper.cutShort());
      state.keeper = null;
    }
  }

  #http(): State<Head> {
    return { name: "http", reader: new HttpReader(this.#from, this.#parseHead), keeper: null };
  }

  #takeHttp(state: Extract<State<Head>, { name: "http" }>, bytes: Uint8Array): Uint8Array | null {
    const part = state.reader.read(bytes);
    if (part === null) return null;
    if (part.name === "failed") {
      this.goOpaque(part.reason);
      return part.bytes;
    }
    if (part.name === "head") this.#listener.head(part.head);
    if (part.name === "body" && part.isOver && state.keeper !== null) {
      this.#listener.body(state.keeper.finish());
      state.keeper = null;
    }
    return part.rest;
  }

  #hold(state: Extract<State<Head>, { name: "held" }>, bytes: Uint8Array): null {
    state.parts.push(Uint8Array.from(bytes));
    state.sizeBytes += bytes.length;
    if (state.sizeBytes > MAX_HELD_BYTES) this.#giveUpHolding(state);
    return null;
  }

  #giveUpHolding(state: Extract<State<Head>, { name: "held" }>): void {
    const held = Buffer.concat(state.parts);
    this.goOpaque("sent before the upgrade was answered");
    if (this.#state.name === "opaque") this.#countOpaque(this.#state, held);
  }

  #afterRead(outcome: ReadOutcome): Uint8Array | null {
    if (outcome.state === "more") return null;
    this.goOpaque(outcome.state === "failed" ? outcome.reason : "came after the close frame");
    return outcome.leftOver;
  }

  #countOpaque(state: Extract<State<Head>, { name: "opaque" }>, bytes: Uint8Array): null {
    if (state.told) state.untoldBytes += bytes.length;
    else {
      const evidence = Uint8Array.from(bytes.subarray(0, EVIDENCE_BYTES));
      state.told = true;
      this.#listener.undecodable(state.reason, bytes.length, evidence);
    }
    return null;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
