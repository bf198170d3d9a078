import type { ClientRequest, IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { formatAddress } from "../../wire/address.ts";
import { pairsOf, type Journal } from "../journal.ts";

/** Writes down one played client's connection: how it comes about, what is said on it, and how it ends. */
export class ClientJournal {
  readonly #connection: number;
  readonly #journal: Journal;
  #request: ClientRequest | null = null;
  #isOpened = false;
  #endedByUs = false;
  #error: string | null = null;

  constructor(connection: number, journal: Journal) {
    this.#connection = connection;
    this.#journal = journal;
  }

  /** Takes note of the upgrade that is being sent. */
  noteUpgrade(request: ClientRequest): void {
    this.#request = request;
  }

  /** Listens to what becomes of the connection. */
  watch(socket: WebSocket): void {
    socket.on("upgrade", (response) => this.#noteOpened(response));
    socket.on("unexpected-response", (_, response) => {
      this.#noteOpened(response);
      // With a listener of one's own, ws leaves it open.
      socket.terminate();
    });
    socket.on("message", (data: Buffer, isBinary) => {
      const bytes = new Uint8Array(data);
      const message = isBinary
        ? ({ type: "binary", bytes } as const)
        : ({ type: "text", text: data.toString() } as const);
      this.#journal.noteMessage(this.#connection, "gateway", message);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error ??= error.code ?? error.message;
    });
    socket.on("close", (code, reason) => this.#noteEnd(code, reason.toString()));
  }

  /** Takes note that the end that comes now is the client's own doing. */
  noteLeaving(): void {
    this.#endedByUs = true;
  }

  #noteOpened({ socket, statusCode, statusMessage, rawHeaders }: IncomingMessage): void {
    this.#isOpened = true;
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
    if (!this.#isOpened) {
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
}
