import { hostOf } from "../gateway/address.ts";
import type { Connection } from "../trace/model.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration } from "./quantity.ts";

/** The client kind: `gateway-client/backend`. */
export function renderClient({ handshake, http, upgrade }: Connection): string {
  const client = handshake.connect?.client;
  if (client === undefined)
    return upgrade === null && http.length > 0 ? "(plain HTTP)" : "(no connect seen)";
  return client.id === "" ? "(no client id)" : toPrintable(`${client.id}/${client.mode}`);
}

/** Everything else about how a connection came and went, in one line. */
export function renderCircumstances(connection: Connection): string {
  const { handshake, upgrade } = connection;
  const parts: string[] = [];
  const connect = handshake.connect;
  if (connect !== null) {
    if (connect.client.displayName !== null) parts.push(`"${connect.client.displayName}"`);
    parts.push(
      connect.role,
      connect.device === null ? "no device" : `device ${connect.device.id.slice(0, 8)}`,
      connect.authKinds.join("+") || "no credential",
    );
  }
  if (connection.peerAddress !== null) parts.push(`peer ${hostOf(connection.peerAddress)}`);
  if (upgrade !== null && upgrade.origin !== null) parts.push(`origin ${upgrade.origin}`);
  if (upgrade !== null && upgrade.forwardingHeaders.length > 0)
    parts.push(upgrade.forwardingHeaders.join(" "));
  if (connection.gaps.length > 0) parts.push(renderCount(connection.gaps.length, "gap"));
  parts.push(renderEnd(connection));
  return toPrintable(parts.join(", "));
}

/** How and when a connection ended; not made printable yet. */
export function renderEnd({ close, openedMs, handshake }: Connection): string {
  if (close === null) return "still open";
  // A refused connect is told in full by its finding; the close only repeats it, cut at 123 bytes.
  const reason = handshake.refusal === null ? close.reason : "";
  const what =
    close.code === null ? "ended" : `closed ${close.code}${reason === "" ? "" : ` "${reason}"`}`;
  return `${what} by ${close.by} after ${renderDuration(close.atMs - openedMs)}`;
}
