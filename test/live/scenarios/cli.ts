import { READ } from "../harness/identities.ts";
import { masked } from "../harness/masked.ts";
import { runCli } from "../harness/openclaw-cli.ts";
import type { ExpectedConnection, Scenario } from "./scenario.ts";

const HEALTH: readonly string[] = ["gateway", "call", "health", "--json"];

/** A scenario that one run of the real CLI makes up. */
export interface CliScenario extends Scenario {
  readonly args: readonly string[];
}

/** The real CLI asks for the Gateway's health: allowed without any scope. */
export function cliHealth(version: string): CliScenario {
  return cli({
    name: `cli-health-${version}`,
    version,
    args: HEALTH,
    expected: [reader("cli/cli", { health: true })],
    findings: [],
  });
}

/** On 2026.9.6 `openclaw status` also connects as `cli/probe`, without a device: it loses all scopes, and still exits with 0. */
export const missingScope: CliScenario = cli({
  name: "missing-scope-2026.9.6",
  version: "2026.9.6",
  args: ["status", "--json"],
  expected: [
    // It looks whether the Gateway is up with a plain HTTP call.
    {
      client: null,
      outcome: "incomplete",
      requested: null,
      granted: null,
      effective: [],
      calls: {},
    },
    reader("cli/cli", { health: true }),
    { ...reader("cli/probe", { "system-presence": false }), granted: [], effective: [] },
    reader("gateway-client/backend", { status: true }),
  ],
  findings: ["missing-scope-dropped"],
});

function reader(client: string, calls: Readonly<Record<string, boolean>>): ExpectedConnection {
  const outcome = "accepted";
  return { client, outcome, requested: READ, granted: READ, effective: READ, calls };
}

function cli(
  scenario: Pick<CliScenario, "name" | "version" | "args" | "expected" | "findings">,
): CliScenario {
  return {
    ...scenario,
    peer: "loopback",
    play: async (stage) =>
      masked(await runCli(stage, scenario.args, { OPENCLAW_GATEWAY_PORT: String(stage.port) })),
  };
}
