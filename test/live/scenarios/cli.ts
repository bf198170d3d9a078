import { READ } from "../harness/identities.ts";
import { masked } from "../harness/masked.ts";
import { runCli } from "../harness/openclaw-cli.ts";
import type { Scenario } from "./scenario.ts";

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
    expected: [
      {
        client: "cli/cli",
        outcome: "accepted",
        requested: READ,
        granted: READ,
        effective: READ,
        calls: { health: true },
      },
    ],
    findings: [],
  });
}

/** On 2026.9.6 `openclaw gateway probe` connects as `cli/probe` without a device, loses all scopes, and still exits with 0. */
export const missingScope: CliScenario = cli({
  name: "missing-scope-2026.9.6",
  version: "2026.9.6",
  args: ["gateway", "probe", "--json"],
  expected: [
    {
      client: "cli/probe",
      outcome: "accepted",
      requested: READ,
      granted: [],
      effective: [],
      calls: { health: true, status: false, "system-presence": false, "config.get": false },
    },
  ],
  findings: ["missing-scope-dropped"],
});

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
