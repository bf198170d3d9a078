import { lackingScopes } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { explainDroppedScopes } from "./dropped-scopes.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { nameScopes } from "./wording.ts";

/** A connection that holds fewer scopes than it asked for, as long as no refused call says it more clearly. */
export function diagnoseScopesNotGranted(
  connection: Connection,
  { profile }: RuleContext,
): readonly FindingDraft[] {
  const { requested, effective, effectiveFrom, refuted } = connection.scopes;
  if (connection.outcome !== "accepted" || refuted.length > 0) return [];
  const missing = lackingScopes(requested ?? [], effective, profile.implies);
  if (missing.length === 0 || effectiveFrom === "unknown") return [];
  const { reason, fix } = explainDroppedScopes(connection, profile);
  return [
    {
      code: "scopes-not-granted",
      title: `asked for ${nameScopes(requested)}, holds ${nameScopes(effective)}`,
      why: `The Gateway accepted the connection without ${missing.join(", ")}. ${reason}`,
      fix,
      evidence: [connection.handshake.connectEntry, connection.handshake.answerEntry],
    },
  ];
}

/** A hello-ok that reports more than the connection holds, as long as no refused call says it more clearly. */
export function diagnoseOverstatedScopes(
  connection: Connection,
  { profile }: RuleContext,
): readonly FindingDraft[] {
  const { granted, effective, requested, refuted } = connection.scopes;
  const excess = lackingScopes(granted ?? [], effective, profile.implies);
  if (connection.outcome !== "accepted" || refuted.length > 0 || excess.length === 0) return [];
  return [
    {
      code: "hello-overstates-scopes",
      title: `hello-ok reports ${nameScopes(granted)}, but the connection holds ${nameScopes(effective)}`,
      why: `hello-ok reports the scopes of the device token that it issues; the connection holds what it asked for: ${nameScopes(requested)}.`,
      fix: "Do not decide from hello-ok what the connection may do; ask for the scopes that its calls need.",
      evidence: [connection.handshake.connectEntry, connection.handshake.answerEntry],
    },
  ];
}
