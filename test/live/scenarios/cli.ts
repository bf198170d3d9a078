import { masked } from "../harness/masked.ts";
import { runCli } from "../harness/openclaw-cli.ts";
import type { Scenario } from "./scenario.ts";

/** The real CLI asks for the Gateway's health: allowed without any scope. */
export function cliHealth(version: string): Scenario {
  return cli(`cli-health-${version}`, version, ["gateway", "call", "health", "--json"]);
}

/** On 2026.9.6 `openclaw gateway probe` connects as `cli/probe` without a device, loses all scopes, and still exits with 0. */
export const missingScope: Scenario = cli("missing-scope-2026.9.6", "2026.9.6", [
  "gateway",
  "probe",
  "--json",
]);

function cli(name: string, version: string, args: readonly string[]): Scenario {
  return {
    name,
    version,
    peer: "loopback",
    play: async ({ gateway, port }) =>
      masked(await runCli(gateway, args, { OPENCLAW_GATEWAY_PORT: String(port) })),
  };
}
