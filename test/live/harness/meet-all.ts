import type { Case } from "./cases.ts";
import { encounter, type Seen } from "./encounter.ts";

/** Holds the meetings of some cases at a time: each has devices of its own, so that they do not mind each other. */
export async function meetAll(
  url: string,
  cases: readonly Case[],
  together: number,
): Promise<readonly (readonly Seen[])[]> {
  const seen: (readonly Seen[])[] = [];
  let next = 0;
  const meet = async (): Promise<void> => {
    for (let index = next++; index < cases.length; index = next++) {
      seen[index] = await encounter(url, cases[index]?.meetings ?? []);
    }
  };
  await Promise.all(Array.from({ length: together }, meet));
  return seen;
}
