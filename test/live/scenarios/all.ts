import { cliHealth, type CliScenario, missingScope } from "./cli.ts";
import { directAgent } from "./direct-agent.ts";
import type { Scenario } from "./scenario.ts";
import { scopeUpgrade } from "./scope-upgrade.ts";
import { sessionsSpawn } from "./sessions-spawn.ts";
import { tokenRotation } from "./token-rotation.ts";
import { OPENCLAW_VERSIONS } from "../harness/install.ts";

/** Scenarios that one run of the real CLI makes up, so that a replay can be given the same run. */
const CLI_SCENARIOS: readonly CliScenario[] = [...OPENCLAW_VERSIONS.map(cliHealth), missingScope];

/** Every scenario; each has a recording of its name in `recordings/`. */
export const SCENARIOS: readonly Scenario[] = [
  sessionsSpawn,
  directAgent,
  tokenRotation,
  scopeUpgrade,
  ...CLI_SCENARIOS,
];
