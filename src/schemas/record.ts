import { z } from "zod";
import { connectionSchema } from "./connection.ts";
import { findingSchema } from "./finding.ts";
import { writtenRecordingSchema } from "./recording.ts";

/** One line of what `gw-trace record --json` prints. New types may come. */
export const recordLine = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("listening"),
    upstream: z.string(),
    listen: z.string(),
    tlsFingerprint: z.string().nullable(),
    path: z.string(),
    redacted: z.boolean(),
  }),
  z.object({ type: z.literal("warning"), message: z.string() }),
  z.object({ type: z.literal("connection-decided"), connection: connectionSchema }),
  z.object({ type: z.literal("connection-closed"), connection: connectionSchema }),
  z.object({ type: z.literal("finding"), finding: findingSchema }),
  z.object({
    type: z.literal("status"),
    open: z.number(),
    connections: z.number(),
    frames: z.number(),
    framesPerSecond: z.number(),
    sizeBytes: z.number(),
    findings: z.number(),
    missedEntries: z.number(),
  }),
  z.object({ type: z.literal("saved"), path: z.string() }),
  z.object({
    type: z.literal("blind"),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
  }),
  z.object({
    type: z.literal("summary"),
    path: z.string(),
    connections: z.number(),
    calls: z.number(),
    failed: z.number(),
    findings: z.number(),
    remarks: z.array(z.string()),
    recording: writtenRecordingSchema,
  }),
]);
