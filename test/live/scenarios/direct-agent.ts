import { devicePem } from "../harness/device-key.ts";
import { ALL_SCOPES, BACKEND, CLI } from "../harness/identities.ts";
import { converseFrom, outcome } from "../harness/send.ts";
import { SHARED_TOKEN } from "../harness/state.ts";
import type { Scenario } from "./scenario.ts";

/** The control for #77807: `agent` succeeds for a device with all scopes, and for the very client that fails there, seen on loopback. */
export const directAgent: Scenario = {
  name: "direct-agent-control",
  version: "2026.5.4",
  peer: "loopback",
  expected: [
    {
      client: "cli/cli",
      outcome: "accepted",
      requested: ALL_SCOPES,
      granted: ALL_SCOPES,
      effective: ALL_SCOPES,
      calls: { agent: true },
    },
    {
      client: "gateway-client/backend",
      outcome: "accepted",
      requested: ["operator.write"],
      granted: ["operator.write"],
      effective: ["operator.write"],
      calls: { agent: true },
    },
  ],
  findings: [],
  async play({ place, port }) {
    const url = `ws://127.0.0.1:${String(port)}`;
    const auth = { token: SHARED_TOKEN };
    const agent = (idempotencyKey: string): readonly [string, unknown] => [
      "agent",
      { message: "say hi", sessionKey: "agent:main:main", idempotencyKey },
    ];
    // At once, since a Gateway's first agent run keeps it from answering anybody else for a while.
    const told = await converseFrom(
      place,
      {
        url,
        connect: { client: CLI, scopes: ALL_SCOPES, auth, devicePem: devicePem("control") },
        calls: [agent("control-device")],
      },
      {
        url,
        connect: { client: BACKEND, scopes: ["operator.write"], auth },
        calls: [agent("control-backend")],
      },
    );
    return told.map(outcome);
  },
};
