import type { NewEntry } from "../../src/recording/entry.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";

const DEVICE = "9be4aa11".padEnd(64, "0");

/** OpenClaw #77807 in small: a backend without a device loses operator.write, a CLI with one keeps it. */
export function foundingCase(): readonly NewEntry[] {
  return [
    ...conversation(
      { connection: 1, peerAddress: "100.64.0.5:50001", gatewayAddress: "100.64.0.5:18789" },
      challenge(),
      connect({ client: "gateway-client/backend", scopes: ["operator.write"] }),
      helloOk({ scopes: [] }),
      event("health", { ok: true }, 1),
      req("r1", "agent", { message: "hello", idempotencyKey: "k1" }),
      refused("r1", "INVALID_REQUEST", "missing scope: operator.write"),
      close("client"),
    ),
    ...conversation(
      { connection: 2, startMs: 100, ends: false },
      challenge(),
      connect({ client: "cli/cli", scopes: ["operator.write"], device: DEVICE }),
      helloOk({ scopes: ["operator.write"], deviceToken: "<redacted:token:11111111>" }),
      req("r2", "agent", { message: "hello", idempotencyKey: "k2" }),
      ok("r2", { runId: "k2", status: "accepted" }),
      event("tick", {}, 1),
      event("agent", { text: "done" }, 3),
    ),
  ];
}
