import { TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { secured } from "./secured.ts";

/** Hears how a handshake went: exactly one of the two, once. */
export interface HandshakeListener {
  readonly ready: (secure: Socket) => void;
  readonly failed: (reason: string) => void;
}

/** A client that connects and then says nothing is given up. */
const PATIENCE_MS = 30_000;

/** Does the server's part of a TLS handshake on a client's TCP connection that was not read yet. */
export function acceptTls(
  client: Socket,
  secureContext: SecureContext,
  listener: HandshakeListener,
): void {
  const secure = secured(new TLSSocket(client, { isServer: true, secureContext }), client);
  secure.allowHalfOpen = true;
  let isDecided = false;
  const fail = (reason: string): void => {
    if (isDecided) return;
    isDecided = true;
    clearTimeout(timer);
    listener.failed(reason);
  };
  const timer = setTimeout(() => fail("ETIMEDOUT"), PATIENCE_MS);
  const failed = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
  const closed = (): void => fail("ended inside the TLS handshake");
  client.on("error", failed);
  secure.on("error", failed);
  secure.on("_tlsError", failed);
  secure.on("close", closed);
  // Before the handshake is done there is nothing to read but the end.
  secure.on("readable", closed);
  secure.once("secure", () => {
    if (isDecided) return;
    isDecided = true;
    clearTimeout(timer);
    secure.off("error", failed);
    secure.off("close", closed);
    secure.off("readable", closed);
    listener.ready(secure);
  });
}
