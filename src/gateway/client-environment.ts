/**
 * An environment that makes OpenClaw's programs connect to a Gateway, a tap or a replay as its clients. The port alone is enough for its
 * CLI. The URL is honoured only beside a token (`gateway url override requires explicit credentials`), so it is given only with one,
 * and taken out otherwise.
 */
export function clientEnvironment<Value extends string | undefined>(
  env: Readonly<Record<string, Value>>,
  gateway: { readonly url: string; readonly port: number },
  token: string | null,
): Record<string, Value | string> {
  const { OPENCLAW_GATEWAY_URL: _elsewhere, ...rest } = env;
  const base = { ...rest, OPENCLAW_GATEWAY_PORT: String(gateway.port) };
  return token === null
    ? base
    : { ...base, OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: token };
}
