import { z } from "zod";

const scopes = z.array(z.string());

const frameErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** As the Gateway sent it. */
  details: z.unknown().optional(),
  retryable: z.boolean().nullable(),
  retryAfterMs: z.number().nullable(),
});

const rpcSchema = z.object({
  id: z.string(),
  method: z.string(),
  ok: z.boolean().nullable(),
  /** True when a gap may hide the answer. */
  answerLost: z.boolean(),
  error: frameErrorSchema.nullable(),
  startMs: z.number(),
  durationMs: z.number().nullable(),
  final: z
    .object({
      responseEntry: z.number(),
      durationMs: z.number(),
      ok: z.boolean(),
      error: frameErrorSchema.nullable(),
    })
    .nullable(),
  requestEntry: z.number(),
  responseEntry: z.number().nullable(),
});

/** `start` is how a body begins; null when it was not kept (`omitted` says why), or is no text. */
const httpBodySchema = z
  .object({
    entry: z.number(),
    sizeBytes: z.number(),
    start: z.string().nullable(),
    omitted: z.string().nullable(),
  })
  .nullable();

const httpCallSchema = z.object({
  method: z.string(),
  target: z.string(),
  requestEntry: z.number(),
  responseEntry: z.number().nullable(),
  startMs: z.number(),
  durationMs: z.number().nullable(),
  status: z.number().nullable(),
  answerLost: z.boolean(),
  requestBody: httpBodySchema,
  responseBody: httpBodySchema,
});

const refusalSchema = z.object({
  code: z.string(),
  message: z.string(),
  detailCode: z.string().nullable(),
  reason: z.string().nullable(),
  requestId: z.string().nullable(),
  requestedScopes: scopes.nullable(),
  approvedScopes: scopes.nullable(),
  /** As the Gateway sent it. */
  details: z.unknown().optional(),
});

/** What was not recorded. `untilMs` is null when that lasts to the end, `side` when both sides' messages are missing. */
export const gapSchema = z.object({
  entry: z.number(),
  fromMs: z.number(),
  untilMs: z.number().nullable(),
  side: z.enum(["client", "gateway"]).nullable(),
  reason: z.string(),
  missingEntries: z.number(),
  missingBytes: z.number(),
});

/** One connection: who, with which scopes, what was called. Times are milliseconds since the recording began. */
export const connectionSchema = z.object({
  recording: z.string(),
  id: z.number(),
  client: z
    .object({
      id: z.string(),
      mode: z.string(),
      version: z.string(),
      displayName: z.string().nullable(),
      platform: z.string(),
    })
    .nullable(),
  role: z.string().nullable(),
  protocol: z.number().nullable(),
  gatewayVersion: z.string().nullable(),
  device: z.object({ id: z.string() }).nullable(),
  auth: z.array(z.enum(["token", "password", "deviceToken", "bootstrapToken"])),
  peer: z.object({ address: z.string().nullable(), loopback: z.boolean().nullable() }),
  origin: z.string().nullable(),
  outcome: z.enum(["accepted", "refused", "incomplete"]),
  /** What of it was not recorded, those of the whole recording included. */
  gaps: z.array(gapSchema),
  refusal: refusalSchema.nullable(),
  scopes: z.object({
    requested: scopes.nullable(),
    granted: scopes.nullable(),
    effective: scopes,
    effectiveFrom: z.enum(["calls", "rule", "hello", "unknown"]),
    proven: scopes,
    refuted: scopes,
    unproven: scopes,
  }),
  openedMs: z.number(),
  close: z
    .object({
      code: z.number().nullable(),
      reason: z.string(),
      by: z.enum(["client", "gateway", "tap"]),
      atMs: z.number(),
    })
    .nullable(),
  rpcs: z.array(rpcSchema),
  events: z.array(
    z.object({
      event: z.string(),
      count: z.number(),
      firstEntry: z.number(),
      firstMs: z.number(),
      lastMs: z.number(),
    }),
  ),
  http: z.array(httpCallSchema),
  unreadable: z.array(
    z.object({
      entry: z.number(),
      from: z.enum(["client", "gateway"]),
      reason: z.string(),
      sizeBytes: z.number(),
    }),
  ),
});
