import { isIP } from "node:net";
import {
  isLoopbackAddress,
  explainLocalityChange,
  findLocalityChange,
  type LocalityChange,
} from "../gateway/address.ts";
import { GwTraceError } from "../errors.ts";
import type { HostPort } from "../wire/address.ts";
import type { Probe } from "./probe.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Refuses to listen beyond this machine unless that was allowed in so many words.
 * @throws {GwTraceError} REMOTE_NOT_ALLOWED
 */
export function assertListenAllowed(listen: HostPort, allowRemote: boolean): void {
  if (allowRemote || isLoopbackAddress(listen.host) === true) return;
  throw new GwTraceError(
    "REMOTE_NOT_ALLOWED",
    `--listen ${listen.host} lets in clients from other machines; before a loopback Gateway ${explainLocalityChange("remote-becomes-local")}`,
    "Add --allow-remote if that is what you want.",
  );
}

/**
 * Refuses to record a Gateway whose certificate is not believed: every client would be turned away, and never be told why.
 * @throws {GwTraceError} GATEWAY_UNREACHABLE
 */
export function assertTrusted({ url, tls }: Upstream, probe: Probe): void {
  if (probe.reached || !tls || !/CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL/.test(probe.error)) return;
  throw new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `the certificate of ${url} is not believed: ${probe.detail} (${probe.error})`,
    "Give its authority with --ca, or its own fingerprint with --tls-fingerprint.",
  );
}

/** Where a tap stands, as far as the locality of its clients depends on it. */
export interface Standpoint {
  readonly listenHost: string;
  readonly upstreamHost: string;
  readonly source: string | null;
}

/** How standing there changes what the Gateway takes clients for: by the peer that a probe found, else by the addresses given. */
export function judgeStandpoint(standpoint: Standpoint, probe: Probe): LocalityChange | null {
  const peerHost = (probe.reached ? probe.peerHost : null) ?? expectedPeer(standpoint);
  return peerHost === null ? null : findLocalityChange(standpoint.listenHost, peerHost);
}

// The kernel answers a loopback address from loopback, and any other from an address that is not.
function expectedPeer({ upstreamHost, source }: Standpoint): string | null {
  if (source !== null) return source;
  if (upstreamHost === "localhost") return "127.0.0.1";
  // A name says nothing before it is resolved.
  return isIP(upstreamHost) === 0 ? null : upstreamHost;
}
