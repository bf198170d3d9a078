import { hostOf, isLoopbackAddress } from "../gateway/address.ts";
import type { Connection } from "../trace/model.ts";

/** Scopes as a reader sees them in a sentence. */
export function nameScopes(scopes: readonly string[] | null): string {
  if (scopes === null) return "nothing (no scopes field)";
  return scopes.length === 0 ? "no scopes" : scopes.join(", ");
}

/** The client kind, as in `gateway-client/backend`. */
export function nameClient(connection: Connection): string {
  const client = connection.handshake.connect?.client;
  return client === undefined ? "unknown" : `${client.id}/${client.mode}`;
}

/** The peer that the Gateway saw, as in `100.64.0.5 (not loopback)`. */
export function namePeer(connection: Connection): string {
  const loopback = isLoopbackAddress(connection.peerAddress);
  if (connection.peerAddress === null || loopback === null) return "unknown";
  return `${hostOf(connection.peerAddress)} (${loopback ? "loopback" : "not loopback"})`;
}
