import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { ParsedFrame } from "../../gateway/frame.ts";
import type { Message } from "../../wire/message.ts";
import type { Journal } from "../journal.ts";
import { parseRequest, type LiveRequest } from "../match/request-book.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { ClientLink } from "../play/player.ts";

/** A live client as an link: what is sent to it is written down. */
export function linkTo(
  connection: number,
  socket: WebSocket,
  tcp: Socket,
  journal: Journal,
): ClientLink {
  let isHeld = false;
  const release = (): void => {
    if (isHeld) tcp.uncork();
    isHeld = false;
  };
  // What is said in one go is written in one go: a client that asks many things at once is answered by one system call.
  const hold = (): void => {
    if (isHeld) return;
    isHeld = true;
    tcp.cork();
    process.nextTick(release);
  };
  const send: ClientLink["send"] = (message, frame) => {
    if (socket.readyState !== socket.OPEN) return;
    journal.noteMessage(connection, "gateway", message, frame);
    hold();
    sendMessage(socket, message);
  };
  return {
    send,
    say: (frame) => send({ type: "text", text: JSON.stringify(frame) }),
    drop: () => {
      // What was said before has to be out when the connection ends.
      release();
      socket.terminate();
    },
  };
}

function frameOf({ id, method, params }: LiveRequest): ParsedFrame | undefined {
  if (id === null || method === null) return undefined;
  return { ok: true, frame: { type: "req", id, method, params, traceparent: null } };
}

/** Writes down what a live client says and passes it on. */
export function hearSocket(
  connection: number,
  socket: WebSocket,
  journal: Journal,
  live: Pick<LiveConnection, "hear" | "stop">,
): void {
  journal.noteWebSocket(connection);
  const note = (message: Message): unknown => journal.noteMessage(connection, "client", message);
  socket.on("message", (data: Buffer, isBinary) => {
    const text = data.toString();
    const message: Message = isBinary
      ? { type: "binary", bytes: new Uint8Array(data) }
      : { type: "text", text };
    const request = parseRequest(text);
    const entry = journal.noteMessage(connection, "client", message, frameOf(request));
    live.hear(request, entry);
  });
  socket.on("ping", (bytes) => note({ type: "ping", bytes: new Uint8Array(bytes) }));
  socket.on("pong", (bytes) => note({ type: "pong", bytes: new Uint8Array(bytes) }));
  socket.on("close", (code, reason) => {
    live.stop();
    // 1006 is never on the wire: there was no close frame (RFC 6455, section 7.1.5).
    if (code !== 1006) {
      note({ type: "close", code: code === 1005 ? null : code, reason: reason.toString() });
    }
    journal.noteWebSocketEnd(connection);
  });
  // A client that breaks the protocol is closed by ws; the close is written down like any other.
  socket.on("error", () => undefined);
}

/** Sends a message as it is; a close code that may not be sent ends the connection without one. */
export function sendMessage(socket: WebSocket, message: Message): void {
  switch (message.type) {
    case "text":
      socket.send(message.text);
      break;
    case "binary":
      socket.send(message.bytes);
      break;
    case "ping":
      socket.ping(message.bytes);
      break;
    case "pong":
      socket.pong(message.bytes);
      break;
    case "close":
      if (message.code === null) socket.close();
      else if (isSendable(message.code)) socket.close(message.code, message.reason);
      else socket.terminate();
      break;
  }
}

// RFC 6455, section 7.4.1: 1004, 1005, 1006 and 1015 are reserved and never sent.
function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
}
