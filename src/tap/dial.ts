import { connect, isIP, type Socket } from "node:net";
import { TLSSocket, connect as connectTls, type ConnectionOptions } from "node:tls";
import { parseTlsFingerprint } from "../gateway/config.ts";
import type { HostPort } from "../wire/address.ts";
import { secured } from "./secured.ts";

/** By what a Gateway's certificate is believed. There is no way to believe any. */
export interface UpstreamTls {
  /** Authorities in PEM form instead of the system's; null for those. */
  readonly ca: string | null;
  /** The certificate's SHA-256, lower-case hex; then no authority is asked, as in OpenClaw itself. */
  readonly fingerprint: string | null;
}

/** What to call. */
export interface DialOptions extends HostPort {
  /** Null for plain TCP. */
  readonly tls?: UpstreamTls | null;
  /** The local address that the Gateway shall see, if not the kernel's choice. */
  readonly source?: string | null;
}

/** Hears how a call went: exactly one of the two, once. */
export interface DialListener {
  readonly ready: () => void;
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

/** Connects to a Gateway. Nothing is read from the socket before the caller resumes it; destroy it to give up. */
export function dialGateway(options: DialOptions, listener: DialListener): Socket {
  const { host, port, source, tls } = options;
  const plain = connect({
    host,
    port,
    ...(source ? { localAddress: source } : {}),
    allowHalfOpen: true,
    noDelay: true,
  });
  const socket = tls ? secure(plain, host, tls) : plain;
  let isDecided = false;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (isDecided) return;
    isDecided = true;
    listener.failed(error);
  };
  socket.on("error", fail);
  // An error of the TCP connection beneath reaches the TLS socket only once that has begun.
  if (plain !== socket) plain.on("error", fail);
  socket.once(tls ? "secureConnect" : "connect", () => {
    const wrong = tls ? pinError(socket, tls) : null;
    if (wrong !== null) return void socket.destroy(wrong);
    if (isDecided) return;
    isDecided = true;
    socket.off("error", fail);
    listener.ready();
  });
  return socket;
}

function secure(plain: Socket, host: string, { ca, fingerprint }: UpstreamTls): TLSSocket {
  const options: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    socket: plain,
    // RFC 6066, section 3: an address is no server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    host,
    ...(ca === null ? {} : { ca }),
    rejectUnauthorized: fingerprint === null,
    ALPNProtocols: ["http/1.1"],
    allowHalfOpen: true,
  };
  return secured(connectTls(options), plain);
}

function pinError(socket: Socket, { fingerprint }: UpstreamTls): NodeJS.ErrnoException | null {
  if (fingerprint === null) return null;
  const found = fingerprintOf(socket);
  if (found === fingerprint) return null;
  return Object.assign(new Error(`the certificate's fingerprint is ${found ?? "unknown"}`), {
    code: "TLS_FINGERPRINT_MISMATCH",
  });
}

/** The SHA-256 of the certificate that the other end showed; null when there is none. */
function fingerprintOf(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket)) return null;
  const { fingerprint256 } = socket.getPeerCertificate();
  return fingerprint256 === undefined ? null : parseTlsFingerprint(fingerprint256);
}
