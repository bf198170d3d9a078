import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** The TCP socket beneath each TLS socket: only that one can be reset. */
const beneath = new WeakMap<Socket, Socket>();

/** Remembers which TCP socket a TLS socket was made on, so that `resetSocket` can reach it. */
export function secured(secure: TLSSocket, plain: Socket): TLSSocket {
  beneath.set(secure, plain);
  return secure;
}

/**
 * Ends a connection with RST, below TLS where there is TLS. A socket whose FIN is still on its way is reset after it: libuv refuses
 * to reset one that is being shut down, and Node would then neither close it nor say so.
 */
export function resetSocket(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished;
  if (isShuttingDown && !socket.destroyed) socket.once("finish", () => resetNow(socket));
  else resetNow(socket);
}

function resetNow(socket: Socket): void {
  const plain = beneath.get(socket) ?? socket;
  plain.resetAndDestroy();
  socket.destroy();
}
