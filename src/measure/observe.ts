import type { Profile } from "../gateway/profile.ts";
import { probeProfile } from "../probe/probe.ts";
import { SHARED, type Case, type Setup } from "./case.ts";
import { askLimits, type Limits } from "./limits.ts";
import { casesFor } from "./matrix.ts";
import { meetCase, type Observation } from "./meet.ts";
import { startThrowAway } from "./throw-away.ts";

const TOGETHER = 8;

/** What one throw-away Gateway was seen to do. */
export interface Observed {
  readonly observations: readonly Observation[];
  readonly limits: Limits;
  /** What its methods need, and the events that it has; null where that was not asked. */
  readonly probed: Profile | null;
}

/** Starts a throw-away Gateway, meets it with all cases of its setup, and ends it. */
export async function observe(openClaw: { readonly entry: string; readonly node: string }, setup: Setup): Promise<Observed> {
  await using gateway = await startThrowAway(openClaw, setup);
  const { url } = gateway;
  const probed = setup === "token" ? (await probeProfile({ url, auth: { token: SHARED } })).profile : null;
  const observations = await meetAll(url, casesFor(setup));
  return { observations, limits: await askLimits(url, setup), probed };
} // prettier-ignore

/** Meets some cases at a time, each with a device of its own; those with wrong credentials from afar alone, in the end, for they are counted. */
async function meetAll(url: string, cases: readonly Case[]): Promise<readonly Observation[]> {
  const met: Observation[] = [];
  const isCounted = ({ setup, meetings }: Case): boolean =>
    setup === "far" && meetings.some(({ auth }) => Object.values(auth).includes("wrong"));
  const order = [...cases.keys()];
  const meet = async (indexes: number[]): Promise<void> => {
    for (let index = indexes.shift(); index !== undefined; index = indexes.shift()) {
      const one = cases[index];
      if (one !== undefined) met[index] = await meetCase(url, one);
    }
  };
  const apart = order.filter((index) => cases[index] !== undefined && isCounted(cases[index]));
  const together = order.filter((index) => !apart.includes(index));
  await Promise.all(Array.from({ length: TOGETHER }, () => meet(together)));
  await meet(apart);
  // A Gateway that was too busy to answer in time is asked again.
  await meet(
    order.filter((index) =>
      met[index]?.seen.some(
        (saw) =>
          saw?.handshake.kind === "closed" &&
          "code" in saw.handshake.close &&
          saw.handshake.close.code === 1000,
      ),
    ),
  );
  return met;
}
