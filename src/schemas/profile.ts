import { z } from "zod";
import { profileSchema } from "../gateway/profile.ts";

const strings = z.array(z.string());
const change = { from: z.string(), to: z.string() };
const needs = z.array(z.object({ method: z.string(), needs: z.string() }));

/** What `gw-trace profile show --json` prints, and what `gw-trace probe -o` writes: what one Gateway version requires. */
export const profileDocument = profileSchema;

/** What `gw-trace profile diff --json` prints. */
export const profileDiffDocument = z.object({
  ...change,
  protocol: z.object(change).nullable(),
  added: needs,
  removed: needs,
  changed: z.array(z.object({ ...change, method: z.string() })),
  addedEvents: strings,
  removedEvents: strings,
  rules: z.array(z.object({ ...change, rule: z.string() })),
});

/** What `gw-trace probe --json` prints: the profile, and what of it was not seen on that Gateway. */
export const probeDocument = z.object({
  profile: profileDocument,
  assumed: strings,
  letThrough: strings,
});
