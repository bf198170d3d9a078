import { hostOf } from "../gateway/address.ts";
import { OPERATOR_SCOPES } from "../gateway/scopes.ts";
import type { Connection, Gap } from "../trace/model.ts";

/** Scopes as a reader sees them in a sentence. */
export function nameScopes(scopes: readonly string[] | null): string {
  if (scopes === null) return "nothing (no scopes field)";
  if (scopes.length === 0) return "no scopes";
  const others = scopes.filter((scope) => !OPERATOR_SCOPES.includes(scope));
  return scopes.length - others.length === OPERATOR_SCOPES.length
    ? ["all six operator scopes", ...others].join(", ")
    : scopes.join(", ");
}

/** What a connection asked for; "unknown" words where its connect was not recorded. */
export function nameRequested({ handshake: { connect } }: Connection): string {
  return connect === null ? "scopes that were not recorded" : nameScopes(connect.scopes);
}

/** The client kind, as in `gateway-client/backend`. */
export function nameClient(connection: Connection): string {
  const client = connection.handshake.connect?.client;
  return client === undefined ? "unknown" : `${client.id}/${client.mode}`;
}

/** The peer that the Gateway saw, as in `100.64.0.5 (not loopback)`. */
export function namePeer({ peerAddress, peerIsLoopback }: Connection): string {
  if (peerIsLoopback === null) return "unknown";
  const kind = peerIsLoopback ? "loopback" : "not loopback";
  return peerAddress === null ? kind : `${hostOf(peerAddress)} (${kind})`;
}

/** How Gateways of all versions begin to say that the first frame is no connect request that they accept. */
export const INVALID_HANDSHAKE = /^invalid (?:connect params|handshake|request frame|role)/;

/** What a gap is, as in `from 1.200 s to 3.400 s, 5 entries: the disk was too slow`. */
export function nameGap({ fromMs, untilMs, side, reason, missingEntries }: Gap): string {
  const until = untilMs === null ? "on" : `to ${seconds(untilMs)}`;
  const whose = side === null ? "" : `, what the ${side} sent`;
  const count =
    missingEntries === 0 ? "" : `, ${missingEntries} ${missingEntries === 1 ? "entry" : "entries"}`;
  return `from ${seconds(fromMs)} ${until}${whose}${count}: ${reason}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

const MAX_CONNECTIONS = 6;

/** Connections by their numbers, as in `connections 1, 2 and 5`; the rest of very many is counted. */
export function listConnections(connections: readonly Pick<Connection, "id">[]): string {
  const ids = connections.slice(0, MAX_CONNECTIONS).map(({ id }) => `${id}`);
  const more = connections.length - ids.length;
  const named = more > 0 ? [...ids, `${more} more`] : ids;
  const last = named.pop() ?? "none";
  return named.length === 0 ? `connection ${last}` : `connections ${named.join(", ")} and ${last}`;
}
