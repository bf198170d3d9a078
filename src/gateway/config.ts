import { z } from "zod";

import JSON5 from "json5";

/** What OpenClaw's configuration file says about where its Gateway listens; null where it says nothing. */
export interface GatewaySettings {
  readonly port: number | null;
  /** The address of `"bind": "custom"`. */
  readonly customHost: string | null;
  readonly usesTls: boolean;
  /** The shared token as it stands there: it may be a reference such as `${NAME}`. */
  readonly token: string | null;
}

const maybe = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
const aText = maybe(z.string());

const configSchema = z.object({
  gateway: z
    .object({
      port: maybe(z.number()),
      bind: aText,
      customBindHost: aText,
      auth: maybe(z.object({ token: aText })),
      tls: maybe(z.object({ enabled: maybe(z.boolean()) })),
    })
    .optional(),
});

/** Reads the text of `openclaw.json` as far as gw-trace needs it; null when it cannot be read. */
export function parseGatewaySettings(text: string): GatewaySettings | null {
  const gateway = configSchema.safeParse(parseJson5(text)).data?.gateway;
  if (gateway === undefined) return null;
  return {
    port: gateway.port ?? null,
    customHost: gateway.bind === "custom" ? (gateway.customBindHost ?? null) : null,
    usesTls: gateway.tls?.enabled === true,
    token: gateway.auth?.token ?? null,
  };
}

/**
 * Reads the text of a configuration file; undefined when it cannot be read. Comments, trailing commas and bare keys are allowed in it
 * (OpenClaw docs, `gateway/configuration`).
 */
export function parseJson5(text: string): unknown {
  try {
    const value: unknown = JSON5.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

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

/**
 * Reads a TLS certificate's SHA-256 fingerprint as OpenClaw does (`gateway.remote.tlsFingerprint`, `--tls-fingerprint`): 64 hex digits
 * or 32 pairs with colons between, either letter case, with or without `sha256:` before. Gives lower-case hex; null when it is none.
 */
export function parseTlsFingerprint(text: string): string | null {
  const value = text.trim().replace(/^sha256:/i, "");
  if (/^[a-f0-9]{64}$/i.test(value)) return value.toLowerCase();
  return /^(?:[a-f0-9]{2}:){31}[a-f0-9]{2}$/i.test(value)
    ? value.replaceAll(":", "").toLowerCase()
    : null;
}
