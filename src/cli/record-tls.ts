import { usageError } from "../errors.ts";
import { parseTlsFingerprint } from "../gateway/config.ts";
import { createSelfSigned } from "../tap/certificate.ts";
import { createListenTls, type ListenTls } from "../tap/listen-tls.ts";
import { formatAddress } from "../wire/address.ts";
import type { Upstream } from "../tap/upstream.ts";
import { readGivenFile } from "./read-given-file.ts";
import type { RecordOptions } from "./record-options.ts";

/**
 * The Gateway with what was said about believing it.
 * @throws {GwTraceError} USAGE
 */
export async function withTrust(upstream: Upstream, options: RecordOptions): Promise<Upstream> {
  const { ca, tlsFingerprint, rewriteHost } = options;
  if (!upstream.tls) {
    if (ca === undefined && tlsFingerprint === undefined && rewriteHost !== true) return upstream;
    throw usageError(
      `${upstream.url} is plain TCP: --ca, --tls-fingerprint and --rewrite-host are for wss://`,
      "Leave them out, or write the Gateway's wss:// URL.",
    );
  }
  const fingerprint = tlsFingerprint === undefined ? null : parseTlsFingerprint(tlsFingerprint);
  if (tlsFingerprint !== undefined && fingerprint === null) {
    throw usageError(
      `--tls-fingerprint ${tlsFingerprint} is no SHA-256 fingerprint`,
      "Write 64 hex digits, with or without colons, as in gateway.remote.tlsFingerprint.",
    );
  }
  const roots = ca === undefined ? null : await readPem("--ca", ca);
  return { ...upstream, tls: { ca: roots, fingerprint } };
}

/**
 * The Host header for a Gateway behind TLS: a proxy there chooses by name, and would not know the tap's own. Null to leave it, as
 * on plain TCP always.
 */
export function hostFor(upstream: Upstream, { rewriteHost }: RecordOptions): string | null {
  if (!upstream.tls || rewriteHost === false) return null;
  // The default port is left out (RFC 9110, section 4.2.3).
  const address = formatAddress(upstream.host, upstream.port) ?? upstream.host;
  return upstream.port === 443 ? address.replace(/:443$/, "") : address;
}

/**
 * What clients are received with, when that is TLS.
 * @throws {GwTraceError} USAGE
 */
export async function readListenTls(
  { tls, tlsCert, tlsKey }: RecordOptions,
  listenHost: string,
): Promise<ListenTls | null> {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const cert = await readPem("--tls-cert", tlsCert);
    return createListenTls({ cert, key: await readPem("--tls-key", tlsKey) });
  }
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw usageError(
      "--tls-cert and --tls-key belong together",
      "Give both, or let --tls make a pair.",
    );
  }
  if (tls !== true) return null;
  const hosts = new Set(["localhost", "127.0.0.1", "::1", listenHost]);
  return createListenTls(createSelfSigned([...hosts], new Date()));
}

function readPem(option: string, path: string): Promise<string> {
  return readGivenFile(option, path, "Name a PEM file that is there and that you may read.");
}
