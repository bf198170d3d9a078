import { z } from "zod";

const grade = z.enum(["recorded", "derived", "unknown", "live"]).nullable();
const playedAs = z.enum(["same", "again", "differing", "unmatched", "never", "held-back"]);
const scopes = z.array(z.string()).nullable();

const outcome = z.object({
  ok: z.boolean(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
});

const difference = z.object({
  path: z.string(),
  recorded: z.string().nullable(),
  live: z.string().nullable(),
});

const playedRpc = z.object({
  method: z.string().nullable(),
  as: playedAs,
  grade,
  entry: z.number().nullable(),
  recorded: outcome.extend({ entry: z.number() }).nullable(),
  replayed: outcome.nullable(),
  source: z.string().nullable(),
  aftermath: z.string().nullable(),
  missing: z.string().nullable(),
  unseen: z.string().nullable(),
  difference: difference.nullable(),
  nearest: z
    .object({
      connection: z.number(),
      entry: z.number(),
      method: z.string(),
      used: z.boolean(),
    })
    .nullable(),
});

const handshakeOutcome = outcome.extend({ detailCode: z.string().nullable() }).nullable();

const playedConnection = z.object({
  live: z.number().nullable(),
  recording: z.string().nullable(),
  connection: z.number().nullable(),
  client: z.string().nullable(),
  as: playedAs,
  grade,
  recorded: handshakeOutcome,
  replayed: handshakeOutcome,
  scopes: z.object({ before: scopes, after: scopes }),
  source: z.string().nullable(),
  missing: z.string().nullable(),
  differences: z.array(difference),
  unseen: z.string().nullable(),
  gaps: z.string().nullable(),
  rpcs: z.array(playedRpc),
});

const tally = z.record(playedAs, z.number());

/** The verdict that `gw-trace replay --json` prints, whichever side was played. */
export const replayDocument = z.object({
  recordings: z.array(z.string()),
  url: z.string().nullable(),
  versions: z.object({ before: z.string().nullable(), now: z.string().nullable() }),
  rules: z.array(z.string()),
  connections: z.array(playedConnection),
  totals: z.object({ connections: tally, rpcs: tally }),
  clean: z.boolean(),
  outcome: z.enum(["unchanged", "fixed", "still-failing", "different", "cannot-tell"]),
  fixed: z.array(z.string()),
  wrong: z.array(z.string()),
  conclusion: z.string(),
});
