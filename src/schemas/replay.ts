import { z } from "zod";

const judgement = {
  outcome: z.enum(["unchanged", "fixed", "still-failing", "different", "cannot-tell"]),
  fixed: z.array(z.string()),
  wrong: z.array(z.string()),
  conclusion: z.string(),
};

const grade = z.enum(["recorded", "derived", "unknown"]).nullable();
const playedAs = z.enum(["same", "again", "differing", "unmatched", "never"]);
const scopes = z.array(z.string()).nullable();

const outcome = z.object({
  ok: z.boolean(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
});

/** `entry` is the recorded answer's, where it was given as it was recorded. */
const played = outcome.extend({ entry: z.number().optional() }).nullable();

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
  replayed: played,
  source: z.string().nullable(),
  aftermath: z.string().nullable(),
  missing: z.string().nullable(),
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

const playedConnection = z.object({
  live: z.number().nullable(),
  recording: z.string().nullable(),
  connection: z.number().nullable(),
  client: z.string().nullable(),
  as: playedAs,
  grade,
  recorded: played,
  replayed: played,
  scopes: z.object({ before: scopes, after: scopes }),
  source: z.string().nullable(),
  missing: z.string().nullable(),
  differences: z.array(difference),
  rpcs: z.array(playedRpc),
});

const tally = z.record(playedAs, z.number());

/** The verdict that `gw-trace replay --json` prints when it was the Gateway. */
export const gatewayVerdict = z.object({
  recordings: z.array(z.string()),
  connections: z.array(playedConnection),
  totals: z.object({ connections: tally, rpcs: tally }),
  clean: z.boolean(),
  ...judgement,
});

const cameOut = z.object({ ok: z.boolean(), error: z.string().nullable() }).nullable();

/** The verdict that `gw-trace replay --as client --json` prints. */
export const clientVerdict = z.object({
  recording: z.string(),
  url: z.string(),
  versions: z.object({ before: z.string().nullable(), now: z.string().nullable() }),
  connections: z.array(
    z.object({
      connection: z.number(),
      client: z.string().nullable(),
      before: cameOut,
      now: cameOut,
      scopes: z.object({ before: scopes, now: scopes }),
      rpcs: z.array(
        z.object({
          method: z.string(),
          entry: z.number(),
          before: cameOut,
          now: cameOut,
          heldBack: z.string().nullable(),
        }),
      ),
    }),
  ),
  ...judgement,
});

/** What `gw-trace replay --json` prints: the verdict of the side that was played. */
export const replayDocument = z.union([gatewayVerdict, clientVerdict]);
