import { WebSocket } from "ws";
import type { Headers, Message } from "../../wire/message.ts";
import { parseHello } from "../../gateway/connect.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { ClientJournal } from "./client-journal.ts";
import type { Journal } from "../journal.ts";
import { sendMessage } from "../send-message.ts";

/** How a played connection ended; 1006 without a close frame, 1005 when it had no code. */
export interface PlayedClose {
  readonly code: number;
  readonly reason: string;
}

/** A played client's connection: collects what the Gateway says and lets one wait for it. */
export class PlayedSocket {
  readonly #socket: WebSocket;
  readonly #journal: Journal | null;
  readonly #connection: number;
  readonly #notes: ClientJournal | null;
  readonly #frames = new Map<string, JsonObject[]>();
  readonly #waiting = new Set<() => void>();
  #wasOpened = false;
  #gatewayVersion: string | null = null;
  #close: PlayedClose | null = null;

  /** With a journal, what happens is written down there under that connection's number. */
  constructor(url: URL, headers: Headers, journal: Journal | null = null, connection = 0) {
    this.#journal = journal;
    this.#connection = connection;
    this.#notes = journal === null ? null : new ClientJournal(connection, journal);
    this.#socket = new WebSocket(url, {
      headers: Object.fromEntries(headers),
      perMessageDeflate: false,
      finishRequest: (request) => {
        this.#notes?.noteUpgrade(request);
        request.end();
      },
    });
    this.#notes?.watch(this.#socket);
    this.#socket.on("open", () => {
      this.#wasOpened = true;
      this.#wake();
    });
    this.#socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) this.#take(data.toString());
    });
    this.#socket.on("close", (code, reason) => {
      this.#close = { code, reason: reason.toString() };
      this.#wake();
    });
    // ws tells of the same failure once more as `close` with 1006.
    this.#socket.on("error", () => undefined);
  }

  get wasOpened(): boolean {
    return this.#wasOpened;
  }

  /** Null while it is open. */
  get close(): PlayedClose | null {
    return this.#close;
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

  /** Waits for the `count`th frame of a kind; null when it does not come. */
  async frame(kind: string, count: number, maxWaitMs: number): Promise<JsonObject | null> {
    const find = (): JsonObject | undefined => this.#frames.get(kind)?.[count - 1];
    await this.#until(() => find() !== undefined, maxWaitMs);
    return find() ?? null;
  }

  /** Sends a message; on a connection that is not open it goes nowhere. */
  send(message: Message): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (message.type === "close") this.#notes?.noteLeaving();
    this.#journal?.noteMessage(this.#connection, "client", message);
    sendMessage(this.#socket, message);
  }

  /** Ends the connection without a close frame, if it is still there. */
  drop(): void {
    this.#notes?.noteLeaving();
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

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves once `isDone`, when the connection is over, or after `maxWaitMs`. */
  async #until(isDone: () => boolean, maxWaitMs: number): Promise<void> {
    if (isDone() || this.#close !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(finish, maxWaitMs);
      const waiting = this.#waiting;
      const isOver = (): boolean => isDone() || this.#close !== null;
      function finish(): void {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      }
      function check(): void {
        if (isOver()) finish();
      }
      waiting.add(check);
    });
  }
}

/** What a Gateway's frame is told apart by: `res <id>` or `event <name>`. */
export function frameKind(frame: JsonObject): string {
  return frame["type"] === "res" ? `res ${String(frame["id"])}` : `event ${String(frame["event"])}`;
}
