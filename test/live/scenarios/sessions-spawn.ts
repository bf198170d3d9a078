import { FAR_ADDRESS } from "../harness/namespace.ts";
import { invokeTool } from "../harness/send.ts";
import { masked } from "../harness/masked.ts";
import type { ExpectedConnection, Scenario } from "./scenario.ts";

/**
 * OpenClaw #77807: a Gateway that listens on one far address calls itself through a loopback forwarder, without a
 * device identity. It sees the far address as its own peer, takes the scopes away, and refuses its own `agent` call.
 * The tool is invoked at the far address, so only the Gateway's calls to itself pass the forwarder.
 */
export const sessionsSpawn: Scenario = {
  name: "sessions-spawn-77807",
  version: "2026.5.4",
  peer: "far",
  config: { tools: { allow: ["sessions_spawn"] } },
  expected: [
    refusedSelfCall("operator.write", "agent"),
    // The Gateway cleans up after itself, or tries to: the child session cannot be deleted either.
    refusedSelfCall("operator.admin", "sessions.delete"),
  ],
  findings: ["missing-scope-dropped"],
  async play({ place, port }) {
    const answer = await invokeTool(place, `http://${FAR_ADDRESS}:${String(port)}`, {
      tool: "sessions_spawn",
      args: { task: "say hi", mode: "run", runtime: "subagent" },
      sessionKey: "main",
    });
    return masked(answer);
  },
};

function refusedSelfCall(scope: string, method: string): ExpectedConnection {
  return {
    client: "gateway-client/backend",
    outcome: "accepted",
    requested: [scope],
    granted: [],
    effective: [],
    calls: { [method]: false },
  };
}
