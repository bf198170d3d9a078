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
