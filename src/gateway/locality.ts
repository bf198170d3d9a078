import { isLoopbackAddress } from "./address.ts";

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
