import { z } from "zod";
import { connectionSchema, gapSchema } from "./connection.ts";
import { findingSchema } from "./finding.ts";
import { recordingHeaderSchema } from "./recording.ts";

const shownRecording = recordingHeaderSchema.extend({
  name: z.string(),
  complete: z.boolean(),
  missing: z.array(z.string()),
  /** Where the whole recording is blind. */
  gaps: z.array(gapSchema),
  entryCount: z.number(),
});

/** What `gw-trace show --json` prints. `recordings` is there when several were given; `recording` is the first. */
export const showDocument = z.object({
  recording: shownRecording.nullable(),
  recordings: z.array(shownRecording).optional(),
  /** The measured versions whose common rules were applied, and those of their rules that the recording contradicts. */
  rules: z.array(
    z.object({
      recording: z.string(),
      version: z.string().nullable(),
      sharedBy: z.array(z.string()),
      contradicted: z.array(z.string()),
    }),
  ),
  connections: z.array(connectionSchema),
  findings: z.array(findingSchema),
});
