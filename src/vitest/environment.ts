import type { HostPort } from "../wire/address.ts";

/**
 * What makes OpenClaw's programs connect to a Gateway as its clients. They take the URL only beside a token ("gateway url override
 * requires explicit credentials"); without one the port has to be enough.
 */
export function clientEnvironment(
  url: string,
  { port }: HostPort,
  token: string | null,
): Readonly<Record<string, string>> {
  const base = { OPENCLAW_GATEWAY_PORT: String(port) };
  if (token === null) return base;
  return { ...base, OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: token };
}
