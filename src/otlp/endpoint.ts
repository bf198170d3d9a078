import { GwTraceError, usageError } from "../errors.ts";

const HINT = "Write the receiver's base URL, as in http://127.0.0.1:4318.";

/**
 * Where spans go: the URL given, or where only the option was, that of OpenTelemetry's variables. `/v1/traces` is added to a
 * base URL, as the OTLP specification has it (OTLP exporter, endpoint URLs for OTLP/HTTP).
 * @throws {GwTraceError} URL_INVALID, USAGE
 */
export function resolveEndpoint(
  given: string | true,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (given !== true) return toTracesUrl(given);
  const exact = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? "";
  if (exact !== "") return parse(exact).href;
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (base !== "") return toTracesUrl(base);
  throw usageError("no OTLP receiver is named", `${HINT} Or set OTEL_EXPORTER_OTLP_ENDPOINT.`);
}

/** An endpoint as it may be shown: without what could be a credential. */
export function nameEndpoint(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname;
}

function toTracesUrl(text: string): string {
  const url = parse(text);
  if (!url.pathname.endsWith("/v1/traces")) {
    url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  }
  return url.href;
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GwTraceError("URL_INVALID", `"${text}" is no http:// or https:// URL`, HINT);
  }
  return url;
}
