import JSON5 from "json5";
import { z } from "zod";

/** What OpenClaw's configuration file says about where its Gateway listens; null where it says nothing. */
export interface GatewaySettings {
  readonly port: number | null;
  /** The address of `"bind": "custom"`. */
  readonly customHost: string | null;
  readonly usesTls: boolean;
  /** The shared token as it stands there: it may be a reference such as `${NAME}`. */
  readonly token: string | null;
}

const configSchema = z.looseObject({
  gateway: z
    .looseObject({
      port: z.number().optional().catch(undefined),
      bind: z.string().optional().catch(undefined),
      customBindHost: z.string().optional().catch(undefined),
      auth: z
        .looseObject({ token: z.string().optional().catch(undefined) })
        .optional()
        .catch(undefined),
      tls: z
        .looseObject({ enabled: z.boolean().optional().catch(undefined) })
        .optional()
        .catch(undefined),
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
