import type { Connection } from "../trace/model.ts";
import { nameClient, namePeer, nameScopes } from "./wording.ts";

/** What about a handshake can make a Gateway treat two connections differently, in words. */
export type Circumstance =
  | "requested scopes"
  | "device identity"
  | "role"
  | "peer the Gateway saw"
  | "forwarding headers"
  | "Origin header"
  | "client"
  | "Gateway version"
  | "credential"
  | "client version";

/** Stands for a circumstance that the recording does not hold. */
export const UNKNOWN = "unknown";

/** The circumstances of a connection; two with equal ones differ in nothing that its findings look at. */
export function describeCircumstances(
  connection: Connection,
): Readonly<Record<Circumstance, string>> {
  const { handshake, scopes, upgrade } = connection;
  const { connect } = handshake;
  return {
    "requested scopes": connect === null ? UNKNOWN : nameScopes(scopes.requested),
    "device identity": connect === null ? UNKNOWN : hasDevice(connection) ? "sent" : "none",
    role: connect?.role ?? UNKNOWN,
    "peer the Gateway saw": namePeer(connection),
    "forwarding headers":
      upgrade === null ? UNKNOWN : upgrade.forwardingHeaders.join(", ") || "none",
    "Origin header": upgrade === null ? UNKNOWN : (upgrade.origin ?? "none"),
    client: nameClient(connection),
    "Gateway version": handshake.hello?.serverVersion ?? UNKNOWN,
    credential: connect === null ? UNKNOWN : connect.authKinds.join(", ") || "none",
    "client version": connect?.client.version ?? UNKNOWN,
  };
}

/** True when the connect carries a device identity. */
export function hasDevice({ handshake }: Connection): boolean {
  return (handshake.connect?.device ?? null) !== null;
}
