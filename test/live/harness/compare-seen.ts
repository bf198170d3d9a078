import { isDeepStrictEqual } from "node:util";
import type { Grade, PlayedConnection } from "../../../src/replay/verdict/compare.ts";
import type { Seen } from "./encounter.ts";

/** One handshake or call: what the real Gateway and the replay said, and how sure the replay said it was. */
export interface Compared {
  readonly what: string;
  readonly grade: Grade;
  readonly why: string | null;
  readonly real: unknown;
  readonly replayed: unknown;
}

/** What a differential run came to. */
export interface Summary {
  readonly counts: Readonly<Record<Grade, number>>;
  readonly disagreements: readonly Compared[];
  /** What the replay did not know, one line each. */
  readonly unknown: readonly string[];
}

/** Puts what the same client saw on both sides side by side, handshake by handshake and call by call. */
export function compareSeen(
  name: string,
  real: readonly Seen[],
  replayed: readonly Seen[],
  played: readonly PlayedConnection[],
): readonly Compared[] {
  return real.flatMap((seen, index) => {
    const [other, connection] = [replayed[index], played[index]];
    const handshake: Compared = {
      what: `${name}, connection ${String(index + 1)}`,
      grade: connection?.grade ?? "unknown",
      why: connection?.missing ?? null,
      real: [seen.handshake, seen.closed],
      replayed: [other?.handshake, other?.closed],
    };
    const rpcs = (connection?.rpcs ?? []).filter(({ as }) => as !== "never");
    const calls = seen.calls.map((call, at): Compared => {
      const grade = handshake.grade === "unknown" ? "unknown" : (rpcs[at]?.grade ?? "unknown");
      return {
        what: `${handshake.what}, call ${String(at + 1)}`,
        grade,
        why: rpcs[at]?.missing ?? null,
        real: call,
        replayed: other?.calls[at],
      };
    });
    return [handshake, ...calls];
  });
}

/** Counts by grade, and lists what the two did not agree on where the replay claimed to know. */
export function summarize(compared: readonly Compared[]): Summary {
  const counts = { recorded: 0, derived: 0, unknown: 0, live: 0 };
  for (const { grade } of compared) counts[grade] += 1;
  return {
    counts,
    disagreements: compared.filter(
      ({ grade, real, replayed }) => grade !== "unknown" && !isDeepStrictEqual(real, replayed),
    ),
    unknown: compared
      .filter(({ grade }) => grade === "unknown")
      .map(({ what, why }) => `unknown: ${what}: ${why ?? "no recorded connection answers it"}`),
  };
}
