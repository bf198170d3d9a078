import type { WebSocket } from "ws";
import type { Message } from "../wire/message.ts";

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
