import { z } from "zod";

/** What `gw-trace doctor --json` prints. `ok` is false when something is a problem. */
export const doctorDocument = z.object({
  ok: z.boolean(),
  checkups: z.array(
    z.object({
      name: z.string(),
      status: z.enum(["ok", "note", "problem"]),
      says: z.string(),
      fix: z.string().nullable(),
    }),
  ),
  variables: z.array(z.object({ name: z.string(), does: z.string() })),
});
