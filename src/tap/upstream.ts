import { GwTraceError } from "../errors.ts";
import { formatAddress } from "../wire/address.ts";
import type { UpstreamTls } from "./dial.ts";
import type { HostPort } from "../wire/address.ts";

/** The Gateway that a tap stands before. */
export interface Upstream extends HostPort {
  /** The URL without what may be secret: no user, no query. */
  readonly url: string;
  /** By what its certificate is believed; null or left out for plain TCP. */
  readonly tls?: UpstreamTls | null;
}

const SYSTEM_ROOTS: UpstreamTls = { ca: null, fingerprint: null };

const DEFAULT_PORT = "18789";

/**
 * The Gateway to stand before: the URL given, else as OpenClaw resolves it, by `OPENCLAW_GATEWAY_URL`, `OPENCLAW_GATEWAY_PORT`
 * or its default port on this machine.
 * @throws {GwTraceError} URL_INVALID
 */
export function resolveUpstream(
  url: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Upstream {
  const given = url ?? env["OPENCLAW_GATEWAY_URL"];
  return parseUpstream(given || `ws://127.0.0.1:${env["OPENCLAW_GATEWAY_PORT"] || DEFAULT_PORT}`);
}

function parseUpstream(text: string): Upstream {
  const parsed = parseUrl(text.includes("://") ? text : `ws://${text}`);
  if (parsed === null || parsed.hostname === "" || !/^(ws|http)s?:$/.test(parsed.protocol)) {
    throw new GwTraceError(
      "URL_INVALID",
      `"${text}" is no Gateway URL`,
      "Write ws://host:port, such as ws://127.0.0.1:18789.",
    );
  }
  // URL keeps the brackets of an IPv6 address.
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const usesTls = parsed.protocol === "wss:" || parsed.protocol === "https:";
  const port = Number(parsed.port || (usesTls ? "443" : "80"));
  const path = parsed.pathname === "/" ? "" : parsed.pathname;
  const url = `${usesTls ? "wss" : "ws"}://${formatAddress(host, port)}${path}`;
  return { host, port, url, tls: usesTls ? SYSTEM_ROOTS : null };
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
