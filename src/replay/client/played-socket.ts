import type { ClientRequest, IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { parseHello } from "../../gateway/connect.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { formatAddress } from "../../wire/address.ts";
import type { Headers, Message } from "../../wire/message.ts";
import { pairsOf, type Journal } from "../journal.ts";
import { sendMessage } from "../serve/web-socket.ts";

/** A played client's connection: collects what the Gateway says, lets one wait for it, and writes all of it down. */
export class PlayedSocket {
  readonly #socket: WebSocket;
  readonly #journal: Journal;
  readonly #connection: number;
  readonly #frames = new Map<string, JsonObject[]>();
  /** How many of each kind were waited for. */
  readonly #awaited = new Map<string, number>();
  readonly #cannotCome = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #wasOpened = false;
  #gatewayVersion: string | null = null;
  #isClosed = false;
  #request: ClientRequest | null = null;
  #wasAnswered = false;
  #endedByUs = false;
  #error: string | null = null;

  /** What happens is written down in the journal under that connection's number. */
  constructor(url: URL, headers: Headers, journal: Journal, connection: number) {
    this.#journal = journal;
    this.#connection = connection;
    this.#socket = new WebSocket(url, {
      headers: Object.fromEntries(headers),
      perMessageDeflate: false,
      finishRequest: (request) => {
        this.#request = request;
        request.end();
      },
    });
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("upgrade", (response) => this.#noteAnswer(response));
    socket.on("unexpected-response", (_, response) => {
      this.#noteAnswer(response);
      // With a listener of one's own, ws leaves it open.
      socket.terminate();
    });
    socket.on("open", () => {
      this.#wasOpened = true;
      this.#wake();
    });
    socket.on("message", (data: Buffer, isBinary) => {
      const bytes = new Uint8Array(data);
      const text = data.toString();
      const message = isBinary
        ? ({ type: "binary", bytes } as const)
        : ({ type: "text", text } as const);
      this.#journal.noteMessage(this.#connection, "gateway", message);
      if (!isBinary) this.#take(text);
    });
    // ws tells of the same failure once more as `close` with 1006.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error ??= error.code ?? error.message;
    });
    socket.on("close", (code, reason) => {
      this.#isClosed = true;
      this.#noteEnd(code, reason.toString());
      this.#wake();
    });
  }

  /** The payload of the challenge, when it has come. */
  get challenge(): JsonObject | null {
    const payload = this.first("event connect.challenge")?.["payload"];
    return isJsonObject(payload) ? payload : null;
  }

  /** The version that hello-ok named; null before it. */
  get gatewayVersion(): string | null {
    return this.#gatewayVersion;
  }

  /** The first frame of a kind, `res <id>` or `event <name>`; null when none came. */
  first(kind: string): JsonObject | null {
    return this.#frames.get(kind)?.[0] ?? null;
  }

  /** Waits until it is open or has failed. */
  async opened(maxWaitMs: number): Promise<void> {
    await this.#until(() => this.#wasOpened, maxWaitMs);
  }

  /** Waits until it is closed. */
  async closed(maxWaitMs: number): Promise<void> {
    await this.#until(() => false, maxWaitMs);
  }

  /** Waits for the next frame of a kind; null when it does not come, or cannot. */
  async next(kind: string, maxWaitMs: number): Promise<JsonObject | null> {
    if (this.#cannotCome.has(kind)) return null;
    const place = this.#awaited.get(kind) ?? 0;
    this.#awaited.set(kind, place + 1);
    const find = (): JsonObject | undefined => this.#frames.get(kind)?.[place];
    await this.#until(() => find() !== undefined, maxWaitMs);
    return find() ?? null;
  }

  /** A request of that id was not sent: no answer to it is waited for. */
  expectNone(id: string): void {
    this.#cannotCome.add(`res ${id}`);
  }

  /** Sends a message; on a connection that is not open it goes nowhere. */
  send(message: Message): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (message.type === "close") this.#endedByUs = true;
    this.#journal.noteMessage(this.#connection, "client", message);
    sendMessage(this.#socket, message);
  }

  /** Ends the connection without a close frame, if it is still there. */
  drop(): void {
    this.#endedByUs = true;
    this.#socket.terminate();
  }

  #take(text: string): void {
    const frame = parseJsonObject(text);
    if (frame === null) return;
    const { payload } = frame;
    if (isJsonObject(payload) && payload["type"] === "hello-ok") {
      this.#gatewayVersion = parseHello(payload)?.serverVersion ?? null;
    }
    const kind = frameKind(frame);
    const known = this.#frames.get(kind);
    if (known === undefined) this.#frames.set(kind, [frame]);
    else known.push(frame);
    this.#wake();
  }

  #noteAnswer({ socket, statusCode, statusMessage, rawHeaders }: IncomingMessage): void {
    this.#wasAnswered = true;
    const own = formatAddress(socket.localAddress, socket.localPort);
    const gatewayAddress = formatAddress(socket.remoteAddress, socket.remotePort);
    this.#note({ kind: "opened", clientAddress: own, peerAddress: own, gatewayAddress });
    const { method = "GET", path: target = "/" } = this.#request ?? {};
    const headers = Object.entries(this.#request?.getHeaders() ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    );
    this.#note({ kind: "http-request", method, target, headers, redacted: false });
    this.#note({
      kind: "http-response",
      status: statusCode ?? 0,
      reason: statusMessage ?? "",
      headers: pairsOf(rawHeaders),
      redacted: false,
    });
  }

  #noteEnd(code: number, reason: string): void {
    if (!this.#wasAnswered) {
      this.#note({ kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null });
      this.#note({ kind: "closed", by: "tap", how: "unreachable", error: this.#error });
      return;
    }
    // 1006 is never on the wire: there was no close frame (RFC 6455, section 7.1.5).
    if (code !== 1006) {
      const close = { type: "close", code: code === 1005 ? null : code, reason } as const;
      this.#journal.noteMessage(this.#connection, "gateway", close);
    }
    const by = this.#endedByUs ? "client" : "gateway";
    this.#note({ kind: "closed", by, how: "fin", error: null });
  }

  #note(what: Parameters<Journal["note"]>[1]): void {
    this.#journal.note(this.#connection, what);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves once `isDone`, when the connection is over, or after `maxWaitMs`. */
  async #until(isDone: () => boolean, maxWaitMs: number): Promise<void> {
    if (isDone() || this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (isDone() || this.#isClosed) finish();
      };
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(finish, maxWaitMs);
      this.#waiting.add(check);
    });
  }
}

/** What a Gateway's frame is told apart by: `res <id>` or `event <name>`. */
export function frameKind(frame: JsonObject): string {
  return frame["type"] === "res" ? `res ${String(frame["id"])}` : `event ${String(frame["event"])}`;
}
