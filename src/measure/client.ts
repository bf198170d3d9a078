import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { GwTraceError } from "../errors.ts";
import { parseFrame, type EventFrame, type ResponseFrame } from "../gateway/frame.ts";

const PATIENCE_MS = 60_000;

/** How a WebSocket ended; `status` is the HTTP status of an upgrade that was refused. */
export type Close =
  | { readonly code: number; readonly reason: string }
  | { readonly status: number };

/** A Gateway client that does what it is told, and judges nothing. */
export class Client implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, ResponseFrame>();
  readonly #waiting = new Set<() => void>();
  readonly events: EventFrame[] = [];
  /** Null while it may still hear something. */
  closed: Close | null = null;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#socket.on("message", (data: Buffer) => this.#hear(data.toString()));
    this.#socket.on("unexpected-response", (request, response) => {
      this.#end({ status: response.statusCode ?? 0 });
      request.destroy();
    });
    // What was sent may still be answered before the close: that comes next.
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", (code, reason) => this.#end({ code, reason: reason.toString() }));
  }

  /**
   * Waits until `look` finds something; null when the connection ends before.
   * @throws {GwTraceError} GATEWAY_UNREACHABLE
   */
  async until<T>(what: string, look: () => T | undefined): Promise<T | null> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.closed !== null) return null;
      await this.#change(what);
    }
  }

  /** The nonce of the Gateway's challenge; null when there is none. */
  async challenged(): Promise<string | null> {
    const event = await this.until("the challenge", () => this.events.find((one) => one.event === "connect.challenge")); // prettier-ignore
    const nonce: unknown = Reflect.get(Object(event?.payload), "nonce");
    return typeof nonce === "string" ? nonce : null;
  }

  /** Sends a request and gives its answer; null when the connection ends before. */
  async call(method: string, params: unknown): Promise<ResponseFrame | null> {
    const id = randomUUID();
    this.send(JSON.stringify({ type: "req", id, method, params }));
    return this.until(`an answer to ${method}`, () => this.#answers.get(id));
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** How the Gateway ends it. */
  async end(): Promise<Close> {
    await this.until("the end of the connection", () => undefined);
    return this.closed ?? { code: 1006, reason: "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed !== null) return;
    this.#socket.close(1000, "done");
    await this.end();
  }

  #hear(text: string): void {
    const parsed = parseFrame(text);
    if (!parsed.ok) return;
    if (parsed.frame.type === "res") this.#answers.set(parsed.frame.id, parsed.frame);
    if (parsed.frame.type === "event") this.events.push(parsed.frame);
    this.#wake();
  }

  #end(close: Close): void {
    this.closed ??= close;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #change(what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        timer = setTimeout(() => reject(tooLate(what)), PATIENCE_MS);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function tooLate(what: string): GwTraceError {
  return new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `the throw-away Gateway did not give ${what} within ${PATIENCE_MS / 1000} s`,
    "Try again when the machine has less to do.",
  );
}
