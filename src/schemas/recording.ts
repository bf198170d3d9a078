import { z } from "zod";

/** What the header of a recording says. */
export const recordingHeaderSchema = z.object({
  formatVersion: z.number(),
  toolVersion: z.string(),
  source: z.enum(["tap", "replayed-gateway", "replayed-client", "import"]),
  startedAt: z.string(),
  upstream: z.string().nullable(),
  listen: z.string().nullable(),
  redaction: z.enum(["credentials", "off"]),
  replayOf: z.array(z.string()),
  assumedPeer: z.string().nullable(),
  localityChange: z.enum(["remote-becomes-local", "local-becomes-remote"]).nullable(),
  part: z.number().nullable(),
  scrubbed: z.enum(["credentials", "identifiers", "content"]).nullable(),
});

export const writtenRecordingSchema = z.object({
  path: z.string(),
  entries: z.number(),
  sizeBytes: z.number(),
  missedEntries: z.number(),
  missedBytes: z.number(),
  complete: z.boolean(),
  parts: z.array(z.string()).optional(),
  saved: z.array(z.string()).optional(),
});
