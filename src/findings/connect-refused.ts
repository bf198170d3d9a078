import type { Refusal } from "../gateway/connect.ts";
import type { Connection } from "../trace/model.ts";
import { diagnoseCredential } from "./credentials.ts";
import { diagnoseDevice } from "./device-identity.ts";
import { diagnoseOrigin } from "./origin.ts";
import { diagnosePairing } from "./pairing.ts";
import { diagnoseProtocol } from "./protocol.ts";
import type { Cause, FindingDraft, RuleContext } from "./rule.ts";
import { INVALID_HANDSHAKE } from "./wording.ts";

/** A connect that the Gateway answered with an error: its cause, by `details.code` or, where there is none, by its text. */
export function diagnoseConnectRefused(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  const { refusal, connectEntry, answerEntry } = connection.handshake;
  if (refusal === null) return [];
  const { evidence = [], ...cause } =
    diagnosePairing(connection, refusal, context) ??
    diagnoseCredential(connection, refusal, context) ??
    diagnoseDevice(connection, refusal, context) ??
    diagnoseProtocol(connection, refusal, context) ??
    diagnoseOrigin(connection, refusal, context) ??
    diagnoseOther(refusal);
  return [
    {
      ...cause,
      title: `connect was refused: ${refusal.message}`,
      evidence: [connectEntry, answerEntry, connection.close?.entry ?? null, ...evidence],
    },
  ];
}

function diagnoseOther(refusal: Refusal): Cause {
  if (refusal.code === "UNAVAILABLE") {
    return {
      code: "gateway-starting",
      why: "The Gateway was still starting, or shutting down.",
      fix: "Connect again in a few seconds.",
    };
  }
  if (INVALID_HANDSHAKE.test(refusal.message)) {
    return {
      code: "invalid-handshake",
      why: "The first frame is not a connect request that this Gateway version accepts.",
      fix: "Send a connect request with the fields of this Gateway's protocol version first.",
    };
  }
  const detail = refusal.detailCode === null ? "" : ` (${refusal.detailCode})`;
  return {
    code: "connect-refused",
    why: `The Gateway answered ${refusal.code}${detail}. No more is known of such a refusal.`,
    fix: "Look at the refused connect and the Gateway's log at that time.",
  };
}
