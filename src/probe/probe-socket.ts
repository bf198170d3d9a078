import { WebSocket } from "ws";
import { GwTraceError } from "../errors.ts";
import { parseFrame, type EventFrame, type ResponseFrame } from "../gateway/frame.ts";
import { createRedactor } from "../redaction/redaction.ts";
import type { Message, Side } from "../wire/message.ts";

/** A Gateway client that asks one thing at a time and waits for the answer, from which it takes what a recording would not hold. */
export class ProbeSocket implements AsyncDisposable {
  readonly #url: string;
  readonly #socket: WebSocket;
  readonly #maxWaitMs: number;
  readonly #answers = new Map<string, ResponseFrame>();
  readonly #redactor = createRedactor("credentials");
  #challenge: EventFrame | null = null;
  #ended: string | null = null;
  #wake: () => void = () => undefined;
  #asked = 0;

  constructor(url: string, maxWaitMs: number) {
    this.#url = url;
    this.#maxWaitMs = maxWaitMs;
    this.#socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: maxWaitMs });
    this.#socket.on("message", (data: Buffer) => this.#hear(data.toString()));
    this.#socket.on("error", (error) => (this.#ended ??= error.message));
    this.#socket.on("close", (code, reason) => {
      this.#ended ??=
        `it closed the connection with ${code} ${this.#cleanReason(reason.toString())}`.trim();
      this.#wake();
    });
  }

  /** Why nothing more will come; null while something may. */
  get ended(): string | null {
    return this.#ended;
  }

  /**
   * Waits until the Gateway has sent its challenge.
   * @throws {GwTraceError} GATEWAY_UNREACHABLE
   */
  async challenged(): Promise<void> {
    await this.#until("the challenge", () => this.#challenge);
  }

  /**
   * Asks and waits for the answer, whatever it is.
   * @throws {GwTraceError} GATEWAY_UNREACHABLE
   */
  async call(method: string, params: unknown): Promise<ResponseFrame> {
    const id = `probe-${++this.#asked}`;
    if (this.#ended === null) {
      const text = JSON.stringify({ type: "req", id, method, params });
      // A Gateway may say the token back to whoever sent it.
      this.#clean("client", { type: "text", text });
      this.#socket.send(text);
    }
    const answer = await this.#until(`an answer to ${method}`, () => this.#answers.get(id) ?? null);
    this.#answers.delete(id);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => {
      this.#socket.once("close", () => resolve());
    });
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
    const timer = setTimeout(() => this.#socket.terminate(), 1000);
    await closed;
    clearTimeout(timer);
  }

  #hear(text: string): void {
    const cleaned = this.#clean("gateway", { type: "text", text });
    const parsed = cleaned.type === "text" ? parseFrame(cleaned.text) : null;
    if (parsed?.ok !== true) return;
    const { frame } = parsed;
    if (frame.type === "res") this.#answers.set(frame.id, frame);
    if (frame.type === "event" && frame.event === "connect.challenge") this.#challenge = frame;
    this.#wake();
  }

  #cleanReason(reason: string): string {
    const cleaned = this.#clean("gateway", { type: "close", code: null, reason });
    return cleaned.type === "close" ? cleaned.reason : "";
  }

  #clean(from: Side, message: Message): Message {
    const entry = { kind: "message", atMs: 0, wallMs: 0, connection: 1, sizeBytes: 0 } as const;
    const cleaned = this.#redactor.redact({ ...entry, from, message, redacted: false });
    return cleaned.kind === "message" ? cleaned.message : message;
  }

  async #until<T>(what: string, look: () => T | null): Promise<T> {
    const timer = setTimeout(() => {
      this.#ended ??= `${what} did not come within ${this.#maxWaitMs} ms`;
      this.#wake();
    }, this.#maxWaitMs);
    try {
      for (;;) {
        const found = look();
        if (found !== null) return found;
        if (this.#ended !== null) throw this.#unreachable(what);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #unreachable(what: string): GwTraceError {
    return new GwTraceError(
      "GATEWAY_UNREACHABLE",
      `${what} was expected from ${this.#url}, but ${this.#ended}`,
      "Check that an OpenClaw Gateway is up there: openclaw gateway status.",
    );
  }
}

/** How a Gateway met a client that only knocked; `why` says what went wrong instead of its challenge. */
export type Greeting =
  | { readonly answers: true }
  | { readonly answers: false; readonly why: string };

const PATIENCE_MS = 3000;

/** Opens a WebSocket and waits for the challenge, which a Gateway sends before it knows anything of a client. Sends nothing. */
export async function greetGateway(url: string): Promise<Greeting> {
  await using socket = new ProbeSocket(url, PATIENCE_MS);
  try {
    await socket.challenged();
    return { answers: true };
  } catch (error) {
    if (error instanceof GwTraceError)
      return { answers: false, why: socket.ended ?? error.message };
    throw error;
  }
}
