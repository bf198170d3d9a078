import { z } from "zod";
import { devicePem } from "../harness/device-key.ts";
import { ALL_SCOPES, BACKEND, CLI, READ, READ_WRITE } from "../harness/identities.ts";
import type { Conversation, Told } from "../harness/converse.ts";
import { converseFrom, outcome } from "../harness/send.ts";
import { SHARED_TOKEN } from "../harness/state.ts";
import type { Scenario } from "./scenario.ts";

const upgradeSchema = z.looseObject({ requestId: z.string() });

/** A paired device asks for one scope more: refused until another connection approves it, and granted from then on. */
export const scopeUpgrade: Scenario = {
  name: "scope-upgrade",
  version: "2026.5.4",
  peer: "loopback",
  expected: [
    {
      client: "cli/cli",
      outcome: "accepted",
      requested: READ,
      granted: READ,
      effective: READ,
      calls: { "sessions.list": true },
    },
    {
      client: "cli/cli",
      outcome: "refused",
      requested: READ_WRITE,
      granted: null,
      effective: [],
      calls: {},
    },
    {
      client: "gateway-client/backend",
      outcome: "accepted",
      requested: ALL_SCOPES,
      granted: ALL_SCOPES,
      effective: ALL_SCOPES,
      calls: { "device.pair.approve": true },
    },
    {
      client: "cli/cli",
      outcome: "accepted",
      requested: READ_WRITE,
      granted: READ_WRITE,
      effective: READ_WRITE,
      calls: { agent: true },
    },
  ],
  findings: ["scope-upgrade-required"],
  async play({ place, port }) {
    const auth = { token: SHARED_TOKEN };
    const pem = devicePem("upgraded");
    const url = `ws://127.0.0.1:${String(port)}`;
    const say = async (
      connect: Conversation["connect"],
      ...calls: NonNullable<Conversation["calls"]>
    ): Promise<Told> => {
      const [told] = await converseFrom(place, { url, connect, calls });
      if (told === undefined) throw new Error("nothing was told");
      return told;
    };
    const wider = { client: CLI, scopes: READ_WRITE, auth, devicePem: pem };

    const first = await say({ ...wider, scopes: READ }, ["sessions.list"]);
    const refused = await say(wider);
    const { requestId } = upgradeSchema.parse(refused.connect.error?.details);
    const approved = await say({ client: BACKEND, scopes: ALL_SCOPES, auth }, [
      "device.pair.approve",
      { requestId },
    ]);
    const granted = await say(wider, [
      "agent",
      { message: "say hi", sessionKey: "agent:main:main", idempotencyKey: "after-approval" },
    ]);
    return [first, refused, approved, granted].map(outcome);
  },
};
