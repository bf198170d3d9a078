import { z } from "zod";

/** What stands on standard error, in one line, when a command with `--json` fails. `INTERNAL` is a bug of gw-trace. */
export const errorDocument = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});
