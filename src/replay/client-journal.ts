import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { formatAddress } from "../wire/address.ts";
import type { Headers } from "../wire/message.ts";
import { pairsOf, type Journal } from "./journal.ts";

/** Writes down how a played client's connection comes about, what the Gateway says on it, and how it ends. */
export function noteClientSocket(connection: number, socket: WebSocket, journal: Journal): void {
  let tcp: Socket | null = null;
  let closedByGateway = false;
  const opened = (response: IncomingMessage): void => {
    tcp = response.socket;
    noteOpened(connection, tcp, journal);
    noteRequest(connection, response, journal);
    noteResponse(connection, response, journal);
  };
  socket.on("upgrade", opened);
  socket.on("unexpected-response", (request, response) => {
    opened(response);
    response.resume();
    // With a listener of our own, ws leaves the rest to us.
    request.destroy();
    socket.emit("close", 1006, Buffer.alloc(0));
  });
  socket.on("message", (data: Buffer, isBinary) => {
    journal.noteMessage(
      connection,
      "gateway",
      isBinary
        ? { type: "binary", bytes: new Uint8Array(data) }
        : { type: "text", text: data.toString() },
    );
  });
  socket.on("close", (code, reason) => {
    // ws answers a close frame with its own, so which came first is known from who asked for it.
    closedByGateway = socket.readyState !== socket.CLOSED || code !== 1006;
    if (code !== 1006) {
      const close = { code: code === 1005 ? null : code, reason: reason.toString() };
      journal.noteMessage(connection, "gateway", { type: "close", ...close });
    }
    if (tcp === null) journal.note(connection, unreached());
    const by = closedByGateway ? "gateway" : "client";
    journal.note(connection, { kind: "closed", by, how: "fin", error: null });
  });
}

function unreached(): {
  readonly kind: "opened";
  readonly clientAddress: null;
  readonly peerAddress: null;
  readonly gatewayAddress: null;
} {
  return { kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null };
}

function noteOpened(connection: number, tcp: Socket, journal: Journal): void {
  const own = formatAddress(tcp.localAddress, tcp.localPort);
  journal.note(connection, {
    kind: "opened",
    clientAddress: own,
    peerAddress: own,
    gatewayAddress: formatAddress(tcp.remoteAddress, tcp.remotePort),
  });
}

function noteRequest(connection: number, response: IncomingMessage, journal: Journal): void {
  // Node keeps the request of a response in an undeclared field.
  const request: unknown = "req" in response ? response.req : null;
  journal.note(connection, {
    kind: "http-request",
    method: "GET",
    target: pathOf(request),
    headers: headersOf(request),
    redacted: false,
  });
}

function noteResponse(connection: number, response: IncomingMessage, journal: Journal): void {
  journal.note(connection, {
    kind: "http-response",
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? "",
    headers: pairsOf(response.rawHeaders),
    redacted: false,
  });
}
