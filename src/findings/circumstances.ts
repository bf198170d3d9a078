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

/** The circumstances of a connection; two with equal ones differ in nothing that its findings look at. */
export function describeCircumstances(
  connection: Connection,
): Readonly<Record<Circumstance, string>> {
  const { handshake, scopes, upgrade } = connection;
  return {
    "requested scopes": nameScopes(scopes.requested),
    "device identity": hasDevice(connection) ? "sent" : "none",
    role: handshake.connect?.role ?? "unknown",
    "peer the Gateway saw": namePeer(connection),
    "forwarding headers": upgrade?.forwardingHeaders.join(", ") || "none",
    "Origin header": upgrade?.origin ?? "none",
    client: nameClient(connection),
    "Gateway version": handshake.hello?.serverVersion ?? "unknown",
    credential: handshake.connect?.authKinds.join(", ") || "none",
    "client version": handshake.connect?.client.version ?? "unknown",
  };
}

/** True when the connect carries a device identity. */
export function hasDevice({ handshake }: Connection): boolean {
  return handshake.connect?.device !== null;
}
