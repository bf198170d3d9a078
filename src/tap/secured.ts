import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** The TCP socket beneath each TLS socket: only that one can be reset. */
const beneath = new WeakMap<Socket, Socket>();

/** Remembers which TCP socket a TLS socket was made on, so that `resetSocket` can reach it. */
export function secured(secure: TLSSocket, plain: Socket): TLSSocket {
  beneath.set(secure, plain);
  return secure;
}

/** Ends a connection with RST, below TLS where there is TLS. */
export function resetSocket(socket: Socket): void {
  const plain = beneath.get(socket) ?? socket;
  plain.resetAndDestroy();
  socket.destroy();
}
