import { z } from "zod";
import { findingSchema } from "./finding.ts";

/** What `gw-trace check --json` prints: an item for every expectation and every finding. */
export const checkDocument = z.object({
  passed: z.boolean(),
  connections: z.number(),
  rpcs: z.number(),
  items: z.array(
    z.object({
      rule: z.enum(["finding", "expect-method", "forbid-method", "expect-scope", "max-latency"]),
      passed: z.boolean(),
      recording: z.string().nullable(),
      connection: z.number().nullable(),
      title: z.string(),
      details: z.array(z.string()),
      evidence: z.array(z.number()),
      finding: findingSchema.nullable(),
    }),
  ),
  rules: z.array(z.string()),
});
