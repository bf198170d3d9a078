import type { ConnectDecision } from "../../gateway/connect-question.ts";

/** True when a client could not tell two decisions apart. The standing that they leave behind is another matter. */
export function isSameDecision(left: ConnectDecision, right: ConnectDecision): boolean {
  return visible(left) === visible(right);
}

function visible(decision: ConnectDecision): string {
  if (decision.kind !== "accepted") return JSON.stringify(decision);
  const { kind, role, scopes, reported, protocol, method } = decision;
  return JSON.stringify([kind, role, scopes, reported, protocol, method]);
}
