import { z } from "zod";

const text = z.string();

const paramsSchema = z.looseObject({
  minProtocol: z.number(),
  maxProtocol: z.number(),
  client: z.looseObject({
    id: text,
    mode: text,
    version: text,
    platform: text,
    deviceFamily: text.optional(),
  }),
  role: text.optional(),
  scopes: z.array(text).optional(),
  auth: z
    .looseObject({
      token: text.optional(),
      password: text.optional(),
      deviceToken: text.optional(),
      bootstrapToken: text.optional(),
    })
    .optional(),
  device: z
    .looseObject({
      id: text,
      publicKey: text,
      signature: text,
      signedAt: z.number(),
      nonce: text,
    })
    .optional(),
});

/** The params of a `connect` that a Gateway takes, as they were sent. */
export type ConnectParams = z.infer<typeof paramsSchema>;

/** Reads params as strictly as a Gateway does; null for what it calls `invalid connect params`. */
export function parseConnectParams(params: unknown): ConnectParams | null {
  return paramsSchema.safeParse(params).data ?? null;
}
