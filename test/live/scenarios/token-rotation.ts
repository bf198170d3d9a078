import { deviceKeyFromPem, devicePem } from "../harness/device-key.ts";
import { ALL_SCOPES, CLI, READ_WRITE } from "../harness/identities.ts";
import { masked } from "../harness/masked.ts";
import { runCli } from "../harness/openclaw-cli.ts";
import { converseFrom, outcome } from "../harness/send.ts";
import { SHARED_TOKEN } from "../harness/state.ts";
import type { Scenario } from "./scenario.ts";

/** A device holds all scopes; the real CLI asks only for `operator.pairing` and may not give that device a wider token. */
export const tokenRotation: Scenario = {
  name: "token-rotation-denied",
  version: "2026.5.4",
  peer: "loopback",
  expected: [
    {
      client: "cli/cli",
      outcome: "accepted",
      requested: ALL_SCOPES,
      granted: ALL_SCOPES,
      effective: ALL_SCOPES,
      calls: {},
    },
    {
      client: "cli/cli",
      outcome: "accepted",
      requested: ["operator.pairing"],
      granted: ["operator.pairing"],
      effective: ["operator.pairing"],
      calls: { "device.token.rotate": false },
    },
  ],
  findings: ["token-change-denied"],
  async play(stage) {
    const pem = devicePem("rotated");
    const paired = await converseFrom(stage.place, {
      url: `ws://127.0.0.1:${String(stage.port)}`,
      connect: { client: CLI, scopes: ALL_SCOPES, auth: { token: SHARED_TOKEN }, devicePem: pem },
    });
    const { id } = deviceKeyFromPem(pem);
    const rotate = await runCli(
      stage,
      [
        "devices",
        "rotate",
        "--device",
        id,
        "--role",
        "operator",
        "--json",
        ...READ_WRITE.flatMap((scope) => ["--scope", scope]),
      ],
      { OPENCLAW_GATEWAY_PORT: String(stage.port) },
    );
    return [...paired.map(outcome), masked(rotate)];
  },
};
