import { parseRequestHead, parseResponseHead } from "./http-head.ts";
import { requestBody, responseBody } from "./http-body.ts";
import { headerValue } from "./message.ts";
import { SideDecoder } from "./side-decoder.ts";
import { asksForUpgrade, switchedProtocol } from "./upgrade.ts";
import type { BodyRoom } from "./body-keeper.ts";
import type { Moment, WireEvent } from "./event.ts";
import type { RequestHead, ResponseHead } from "./http-head.ts";
import type { Side } from "./message.ts";
import type { SideListener } from "./side-decoder.ts";

/** The limits of a decoder. */
export interface DecoderOptions {
  /** A larger message is reported as undecodable, and the rest of its side with it. Default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Where HTTP bodies are kept while they come; without it, they are passed over. */
  readonly bodyRoom?: BodyRoom | null;
}

const DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

type Step =
  | {
      readonly type: "bytes";
      readonly from: Side;
      readonly bytes: Uint8Array;
      readonly at: Moment;
    }
  | { readonly type: "end"; readonly from: Side; readonly at: Moment }
  | { readonly type: "action"; readonly action: () => void };

/**
 * Decodes one TCP connection, both sides, from a copy of its bytes. Events come in the order in which their last byte was pushed, over
 * both sides. Nothing that a peer sends makes it throw.
 */
export class ConnectionDecoder {
  readonly #onEvent: (event: WireEvent) => void;
  readonly #sides: {
    readonly client: SideDecoder<RequestHead>;
    readonly gateway: SideDecoder<ResponseHead>;
  };
  readonly #ended = new Set<Side>();
  /** Requests without a final response, oldest first. */
  readonly #unanswered: { readonly method: string; readonly upgrade: boolean }[] = [];
  readonly #steps: Step[] = [];
  #running = false;
  #at: Moment = { atMs: 0, wallMs: 0 };

  constructor(onEvent: (event: WireEvent) => void, options: DecoderOptions = {}) {
    const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, bodyRoom = null } = options;
    const limits = { maxMessageBytes, bodyRoom };
    this.#onEvent = onEvent;
    this.#sides = {
      client: new SideDecoder("client", parseRequestHead, limits, {
        ...this.#listenTo("client"),
        head: (head) => this.#request(head),
      }),
      gateway: new SideDecoder("gateway", parseResponseHead, limits, {
        ...this.#listenTo("gateway"),
        head: (head) => this.#response(head),
      }),
    };
  }

  /** The bytes are lent until they are decoded, as `afterwards` tells: the decoder unmasks them in place. */
  push(from: Side, bytes: Uint8Array, at: Moment): void {
    this.#steps.push({ type: "bytes", from, bytes, at });
    this.#run();
  }

  /**
   * Bytes of this side are missing here, up to where a message begins. `onSkipped` hears how many bytes of a message that had begun
   * were thrown away.
   */
  skip(from: Side, onSkipped: (unfinishedBytes: number) => void): void {
    this.afterwards(() => onSkipped(this.#sides[from].skip()));
  }

  /** This side sends nothing more; what was cut short is reported. A second call does nothing. */
  end(from: Side, at: Moment): void {
    this.#steps.push({ type: "end", from, at });
    this.#run();
  }

  /** Runs the action once everything pushed so far is decoded: at once, unless something is being inflated. */
  afterwards(action: () => void): void {
    this.#steps.push({ type: "action", action });
    this.#run();
  }

  /** Resolves when everything pushed so far is decoded. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.afterwards(resolve));
  }

  #listenTo(from: Side): Omit<SideListener<never>, "head"> {
    return {
      body: (body) => this.#onEvent({ ...this.#at, kind: "http-body", from, ...body }),
      message: (message, sizeBytes) => {
        // Field by field: for every message, a copy by spreading would cost more than decoding it.
        const { atMs, wallMs } = this.#at;
        this.#onEvent({ atMs, wallMs, kind: "message", from, message, sizeBytes });
      },
      undecodable: (reason, sizeBytes, bytes) =>
        this.#onEvent({ ...this.#at, kind: "undecodable", from, reason, sizeBytes, bytes }),
    };
  }

  /** One step at a time: while a side inflates, everything else waits, so that events keep their order. */
  #run(): void {
    while (!this.#running) {
      const step = this.#steps.shift();
      if (step === undefined) return;
      this.#running = true;
      this.#perform(step);
    }
  }

  #perform(step: Step): void {
    if (step.type === "action") {
      this.#running = false;
      step.action();
      return;
    }
    this.#at = step.at;
    try {
      this.#take(step);
    } catch (error) {
      // A fault of ours: what this side sends is evidence from here on, and the other side is none the worse.
      this.#sides[step.from].goOpaque(`gw-trace failed to decode it: ${nameOf(error)}`);
      if (step.type === "bytes") this.#steps.unshift(step);
      this.#running = false;
    }
  }

  #take(step: Exclude<Step, { type: "action" }>): void {
    if (step.type === "end") {
      if (!this.#ended.has(step.from)) this.#sides[step.from].end();
      this.#ended.add(step.from);
      this.#running = false;
      return;
    }
    let isSync = true;
    this.#sides[step.from].take(step.bytes, (rest) => {
      if (rest !== null && rest.length > 0) this.#steps.unshift({ ...step, bytes: rest });
      this.#running = false;
      if (!isSync) this.#run();
    });
    isSync = false;
  }

  #request(head: RequestHead): void {
    const { client } = this.#sides;
    const { method, target, headers } = head;
    this.#onEvent({ ...this.#at, kind: "http-request", method, target, headers });
    const upgrade = asksForUpgrade(headers);
    this.#unanswered.push({ method, upgrade });
    const body = requestBody(head);
    // Without a body, what follows is either the new protocol or the next request: the answer tells.
    if (upgrade && body.type === "length" && body.sizeBytes === 0) client.hold();
    else client.expectBody(body, headerValue(headers, "content-encoding"));
  }

  #response(head: ResponseHead): void {
    const { status, reason, headers } = head;
    this.#onEvent({ ...this.#at, kind: "http-response", status, reason, headers });
    if (status === 101) this.#switchProtocol(head);
    else this.#answered(head);
  }

  #answered(head: ResponseHead): void {
    const isFinal = head.status >= 200;
    const request = isFinal ? this.#unanswered.shift() : this.#unanswered[0];
    const body = responseBody(head, request?.method ?? null);
    this.#sides.gateway.expectBody(body, headerValue(head.headers, "content-encoding"));
    if (!isFinal || request === undefined) return;
    if (body.type === "tunnel") this.#sides.client.goOpaque("tunnelled by CONNECT");
    // An upgrade that is refused: what the client sent meanwhile is its next request.
    if (request.upgrade) this.#again("client", this.#sides.client.release());
  }

  #switchProtocol(head: ResponseHead): void {
    const { client, gateway } = this.#sides;
    this.#unanswered.length = 0;
    const held = client.release();
    const protocol = switchedProtocol(head.headers);
    for (const side of [gateway, client]) {
      if (protocol.type === "websocket") side.expectMessages(protocol.deflate);
      else side.goOpaque(protocol.reason);
    }
    this.#again("client", held);
  }

  #again(from: Side, bytes: Uint8Array | null): void {
    if (bytes === null || bytes.length === 0) return;
    this.#steps.unshift({ type: "bytes", from, bytes, at: this.#at });
  }
}

/** Not the message, which may quote what it failed on. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
