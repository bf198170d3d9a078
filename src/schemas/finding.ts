import { z } from "zod";

const entryNumbers = z.array(z.number());
const severity = z.enum(["error", "warning", "info"]);

/** One finding, as it stands in every document that has some. New codes may come. */
export const findingSchema = z.object({
  code: z.string(),
  severity,
  recording: z.string(),
  connection: z.number().nullable(),
  rpc: z.string().nullable(),
  title: z.string(),
  why: z.string(),
  fix: z.string(),
  evidence: entryNumbers,
  contrast: z
    .object({
      method: z.string(),
      recording: z.string(),
      connection: z.number(),
      evidence: entryNumbers,
      differences: z.array(
        z.object({ field: z.string(), failed: z.string(), succeeded: z.string() }),
      ),
    })
    .nullable(),
});

/** What `gw-trace findings --json` prints: every code, with its severity and when it speaks. */
export const findingsDocument = z.record(z.string(), z.object({ severity, says: z.string() }));
