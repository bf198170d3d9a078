/** True for `127.0.0.0/8`, `::1` and IPv4-mapped loopback, with or without a port. Null when there is no address. */
export function isLoopbackAddress(address: string | null): boolean | null {
  if (address === null) return null;
  const host = hostOf(address)
    .toLowerCase()
    .replace(/^::ffff:/, "");
  return host === "::1" || host === "localhost" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The host of `host:port` or `[v6]:port`; an address without port comes back as it is. */
export function hostOf(address: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(address);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  const colons = address.split(":").length - 1;
  return colons === 1 ? address.slice(0, address.indexOf(":")) : address;
}

/** Headers whose presence alone makes a Gateway distrust its peer (protocol facts: `Forwarded`, `X-Forwarded-*`, `X-Real-IP`). */
export function isForwardingHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === "forwarded" || lower === "x-real-ip" || lower.startsWith("x-forwarded-");
}

/** What standing between client and Gateway does to the locality by which the Gateway judges its clients. */
export type LocalityChange = "remote-becomes-local" | "local-becomes-remote";

/**
 * How a tap that listens on one address and is seen by the Gateway as another changes the locality of its clients; null when it
 * does not. Gateways judge by the TCP peer alone, and behind a tap that is the tap.
 */
export function findLocalityChange(listenHost: string, peerHost: string): LocalityChange | null {
  const listensLocally = isLoopbackAddress(listenHost) === true;
  const looksLocal = isLoopbackAddress(peerHost) === true;
  if (listensLocally === looksLocal) return null;
  return looksLocal ? "remote-becomes-local" : "local-becomes-remote";
}

/** What that change does to trust, as a sentence without its beginning. */
export function explainLocalityChange(change: LocalityChange): string {
  return change === "remote-becomes-local"
    ? "the Gateway sees gw-trace on its own machine instead of the client: every client that comes in from elsewhere counts as local, keeps scopes that would be cleared, and is paired without asking"
    : "the Gateway sees a peer that is not loopback although clients connect to a loopback address: a client without a device identity loses its scopes, and a new device has to be approved";
}
