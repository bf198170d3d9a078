import { GwTraceError, systemCode } from "../errors.ts";

/** Where to listen or to connect. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, with brackets around an IPv6 address; null when either is missing. */
export function formatAddress(host: string | undefined, port: number | undefined): string | null {
  if (host === undefined || port === undefined) return null;
  // A dual-stack listener sees IPv4 peers as ::ffff:a.b.c.d.
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/**
 * Reads `host:port`, `[v6]:port`, `:port` or `port`; what is missing is the loopback address.
 * @throws {GwTraceError} ADDRESS_INVALID
 */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new GwTraceError(
      "ADDRESS_INVALID",
      `"${text}" is no address`,
      "Write host:port, such as 127.0.0.1:18777; port 0 picks a free one.",
    );
  }
  return { host: (match[1] ?? match[2]) || "127.0.0.1", port };
}

/** Why nobody could listen there; `hint` says what may be named instead. */
export function listenFailed({ host, port }: HostPort, cause: unknown, hint: string): GwTraceError {
  const address = formatAddress(host, port) ?? host;
  const code = systemCode(cause);
  return code === "EADDRINUSE"
    ? new GwTraceError(
        "PORT_IN_USE",
        `another program listens on ${address} already`,
        "Choose another port with --listen, or port 0 for any free one.",
        { cause },
      )
    : new GwTraceError("ADDRESS_INVALID", `cannot listen on ${address}: ${code}`, hint, { cause });
}
