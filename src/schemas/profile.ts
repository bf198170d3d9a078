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

/** What `gw-trace profile ls --json` prints: the measured versions, oldest first. */
export const profileListDocument = z.array(
  z.object({
    version: z.string(),
    protocol: z.union([z.number(), z.string()]),
    methods: z.number(),
    changes: z
      .object({ added: z.number(), removed: z.number(), changed: z.number(), rules: z.number() })
      .nullable(),
  }),
);

/** What `gw-trace profile history --json` prints: from which version on a rule is what. */
export const profileHistoryDocument = z.object({
  name: z.string(),
  steps: z.array(z.object({ version: z.string(), value: z.string() })),
});
