import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Shown } from "./harness/gw-trace.ts";
import { host } from "./harness/host.ts";
import { createNamespace } from "./harness/namespace.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { playDirect, playRecorded } from "./scenarios/play.ts";
import type { ExpectedConnection } from "./scenarios/scenario.ts";

const namespace = await createNamespace();
const place = "whyNot" in namespace ? host : namespace;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gw-trace-live-recordings-"));
});

afterAll(async () => {
  if (!("whyNot" in namespace)) await namespace[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

describe.each(SCENARIOS)("$name", (scenario) => {
  test("is recorded as it happened, and changes nothing for the clients", async ({ skip }) => {
    if ("whyNot" in namespace) skip(scenario.peer === "far", namespace.whyNot);
    const file = join(dir, `${scenario.name}.gwtrace`);
    const seenDirectly = await playDirect(scenario, place);
    const { seen, shown, tap } = await playRecorded(scenario, place, file);

    expect(seen).toEqual(seenDirectly);
    expect(shown.recording).toMatchObject({ complete: true, missing: [] });
    expect(shown.connections.map(summary)).toEqual(scenario.expected.map(sorted));
    expect(shown.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining([...scenario.findings]),
    );
    expect(tap.code).toBe(130);
    expect((await readFile(file)).includes(SHARED_TOKEN)).toBe(false);
  });
});

function summary({ client, outcome, scopes, rpcs }: Shown["connections"][number]): unknown {
  return sorted({
    client: client === null ? "" : `${client.id}/${client.mode}`,
    outcome,
    requested: scopes.requested,
    granted: scopes.granted,
    effective: scopes.effective,
    calls: Object.fromEntries(rpcs.map(({ method, ok }) => [method, ok])),
  });
}

// Scopes are a set: Gateways keep those of a device token in another order than they were asked in.
function sorted(
  connection: Omit<ExpectedConnection, "outcome" | "requested" | "calls"> & {
    readonly outcome: string;
    readonly requested: readonly string[] | null;
    readonly calls: Readonly<Record<string, boolean | null>>;
  },
): unknown {
  const { requested, granted, effective } = connection;
  return {
    ...connection,
    requested: requested?.toSorted() ?? null,
    granted: granted?.toSorted() ?? null,
    effective: effective.toSorted(),
  };
}
