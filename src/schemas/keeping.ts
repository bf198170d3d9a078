import { z } from "zod";
import { recordingHeaderSchema } from "./recording.ts";

const findingCounts = z.object({ error: z.number(), warning: z.number(), info: z.number() });

const glimpsed = {
  durationMs: z.number(),
  gatewayVersion: z.string().nullable(),
  connections: z.number(),
  findings: findingCounts,
  missing: z.array(z.string()),
  whole: z.boolean(),
};

const told = {
  name: z.string(),
  sizeBytes: z.number(),
  entryCount: z.number(),
  complete: z.boolean(),
};

/** What `gw-trace info --json` prints. With `whole` false, version, connections and findings are those of the first part. */
export const infoDocument = z.object({
  recordings: z.array(
    z.object({
      ...told,
      ...glimpsed,
      header: recordingHeaderSchema,
    }),
  ),
});

const found = { ...told, path: z.string() };

/** What `gw-trace ls --json` prints: the recordings of a folder; `problem` says why one cannot be read. */
export const lsDocument = z.object({
  folder: z.string(),
  recordings: z.array(
    z.union([
      z.object({ ...found, ...glimpsed, header: recordingHeaderSchema, problem: z.null() }),
      z.object({ ...found, header: recordingHeaderSchema.nullable(), problem: z.string() }),
    ]),
  ),
});

/** What `gw-trace verify --json` prints. */
export const verifyDocument = z.object({
  recordings: z.array(
    z.object({
      name: z.string(),
      sound: z.boolean(),
      complete: z.boolean(),
      entries: z.number(),
      sizeBytes: z.number(),
      missing: z.array(z.string()),
    }),
  ),
});

const oldRecordings = z.array(
  z.object({
    name: z.string(),
    path: z.string(),
    sizeBytes: z.number(),
    changedMs: z.number(),
  }),
);

/** What `gw-trace prune --json` prints: what is old enough, and what of it was deleted. */
export const pruneDocument = z.object({
  folder: z.string(),
  found: oldRecordings,
  deleted: oldRecordings,
});
