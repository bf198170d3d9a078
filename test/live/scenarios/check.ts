import type { Shown } from "../harness/gw-trace.ts";
import type { ExpectedConnection, Scenario } from "./scenario.ts";

/** What the connections of a recording show, in the terms of a scenario's expectation. */
export function summaries(shown: Shown): readonly unknown[] {
  return shown.connections.map(({ client, outcome, scopes, rpcs }) =>
    sorted({
      client: client === null ? null : `${client.id}/${client.mode}`,
      outcome,
      requested: scopes.requested,
      granted: scopes.granted,
      effective: scopes.effective,
      calls: Object.fromEntries(rpcs.map(({ method, ok }) => [method, ok])),
    }),
  );
}

/** What they have to show. */
export function expectedSummaries(scenario: Scenario): readonly unknown[] {
  return scenario.expected.map(sorted);
}

type Summary = Omit<ExpectedConnection, "outcome" | "calls"> & {
  readonly outcome: string;
  readonly calls: Readonly<Record<string, boolean | null>>;
};

// Scopes are a set: Gateways keep those of a device token in another order than they were asked in.
function sorted(connection: Summary): Summary {
  const { requested, granted, effective } = connection;
  return {
    ...connection,
    requested: requested?.toSorted() ?? null,
    granted: granted?.toSorted() ?? null,
    effective: effective.toSorted(),
  };
}
