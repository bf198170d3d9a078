import { z } from "zod";

/** Something of each of the two recordings, in the order given. */
const sides = <T extends z.ZodType>(of: T) => z.object({ a: of, b: of });

const fieldDifferences = z.array(sides(z.string()).extend({ field: z.string() }));

const valuesDiff = z.object({
  count: z.number(),
  shown: z.array(sides(z.string().nullable()).extend({ path: z.string() })),
});

/** What `gw-trace diff --json` prints. Only what differs is listed. */
export const diffDocument = z.object({
  a: z.string(),
  b: z.string(),
  missing: sides(z.array(z.string())),
  compared: z.object({ connections: z.number(), rpcs: z.number(), payloads: z.number() }),
  general: fieldDifferences,
  methods: sides(z.array(z.string())),
  eventKinds: sides(z.array(z.string())),
  connections: z.array(
    sides(z.number().nullable()).extend({
      who: z.string(),
      handshake: fieldDifferences,
      rpcs: z.array(
        z.object({
          method: z.string(),
          request: sides(z.number().nullable()),
          outcome: sides(z.string().nullable()),
          params: valuesDiff,
          answer: valuesDiff,
        }),
      ),
      /** Calls that could not be compared for a gap. */
      unknown: z.number(),
      events: sides(z.array(z.string())),
      findings: sides(z.array(z.object({ code: z.string(), title: z.string() }))),
    }),
  ),
  same: z.boolean(),
});
