import { isLoopbackAddress } from "../gateway/address.ts";
import { GwTraceError } from "../errors.ts";
import type { HostPort } from "../wire/address.ts";
import type { Probe } from "./probe.ts";

const REMOTE_BECOMES_LOCAL =
  "the Gateway sees gw-trace on its own machine instead of the client: every client that comes in from elsewhere counts as local, keeps scopes that would be cleared, and is paired without asking";

/**
 * Refuses to listen beyond this machine unless that was allowed in so many words.
 * @throws {GwTraceError} REMOTE_NOT_ALLOWED
 */
export function assertListenAllowed(listen: HostPort, allowRemote: boolean): void {
  if (allowRemote || isLoopbackAddress(listen.host) === true) return;
  throw new GwTraceError(
    "REMOTE_NOT_ALLOWED",
    `--listen ${listen.host} lets in clients from other machines; before a loopback Gateway ${REMOTE_BECOMES_LOCAL}`,
    "Add --allow-remote if that is what you want.",
  );
}

/** How standing in between changes the locality by which a Gateway judges its clients, in plain words; null when it does not. */
export function describeTrustChange(listen: HostPort, probe: Probe): string | null {
  if (!probe.reached || probe.peerHost === null) return null;
  const listensLocally = isLoopbackAddress(listen.host) === true;
  const looksLocal = isLoopbackAddress(probe.peerHost) === true;
  if (!listensLocally && looksLocal) return REMOTE_BECOMES_LOCAL;
  if (listensLocally && !looksLocal) {
    return `the Gateway sees ${probe.peerHost} instead of a loopback client: a client without a device identity loses its scopes, and a new device has to be approved (--source 127.0.0.1 keeps it local where the system allows that)`;
  }
  return null;
}
