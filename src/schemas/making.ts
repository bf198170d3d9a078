import { z } from "zod";
import { writtenRecordingSchema } from "./recording.ts";

const scrubLevel = z.enum(["credentials", "identifiers", "content"]);

/** What `gw-trace merge --json` prints. */
export const mergeDocument = writtenRecordingSchema;

/** What `gw-trace cut --json` prints; `from` is how many entries there were. */
export const cutDocument = writtenRecordingSchema.extend({ from: z.number() });

/** What `gw-trace minimize --json` prints; `tried` is how many smaller recordings were looked at. */
export const minimizeDocument = cutDocument.extend({ tried: z.number() });

/** What `gw-trace import --json` prints; `skipped` is how many lines or entries could not be used, `problems` names the first. */
export const importDocument = writtenRecordingSchema.extend({
  format: z.enum(["json-lines", "har", "packets"]),
  skipped: z.number(),
  problems: z.array(z.string()),
  notes: z.array(z.string()),
});

/** What `gw-trace scrub --json` prints: what was written, or with `--check` what is left. */
export const scrubDocument = z.union([
  writtenRecordingSchema.extend({ level: scrubLevel, changed: z.number() }),
  z.object({
    recording: z.string(),
    level: scrubLevel,
    clean: z.boolean(),
    left: z.array(
      z.object({
        entry: z.number().nullable(),
        connection: z.number().nullable(),
        place: z.string(),
      }),
    ),
  }),
]);
