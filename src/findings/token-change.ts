import { lackingScopes } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { findContrast } from "./contrast.ts";
import { entriesOf, groupByMethod, timesOf } from "./group.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { nameScopes } from "./wording.ts";

const DENIAL = /^device (token (rotation|revocation)|pairing approval) denied$/;

/** True for a denial by the handler of a token or pairing method, which names no scope. */
export function isDeniedByHandler({ error }: Rpc): boolean {
  return error !== null && DENIAL.test(error.message);
}

/** Token rotations, revocations and pairing approvals that the method's own handler denied. */
export function diagnoseTokenChanges(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  return groupByMethod(connection, isDeniedByHandler).map((group) => {
    const [first, ...more] = group;
    const target = findTarget(first, context.trace);
    return {
      code: "token-change-denied",
      rpc: first.id,
      title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
      why: `${explain(first, connection, target, context)} The Gateway says the same for an unknown device, a role that is not approved and scopes wider than approved, so the text alone is no proof.`,
      fix: "Call it from a connection that holds operator.admin, and check the device and its approved scopes with: openclaw devices list",
      evidence: [
        connection.handshake.connectEntry,
        connection.handshake.answerEntry,
        ...entriesOf(group),
        target?.handshake.answerEntry ?? null,
      ],
      contrast: findContrast(connection, first.method, null, context),
    };
  });
}

/** The last connection of the device that the call is about, on which it was accepted. */
function findTarget({ deviceId }: Rpc, { connections }: Trace): Connection | null {
  if (deviceId === null) return null;
  return (
    connections.findLast(
      ({ handshake, outcome }) =>
        outcome === "accepted" && handshake.connect?.device?.id === deviceId,
    ) ?? null
  );
}

function explain(
  { deviceId }: Rpc,
  caller: Connection,
  target: Connection | null,
  { profile }: RuleContext,
): string {
  const { effective } = caller.scopes;
  if (effective.includes("operator.admin")) {
    return "This connection holds operator.admin, so its scopes are not the cause: the device is unknown, the role is not approved, or the scopes asked for are wider than approved.";
  }
  const rule = `A caller may only hand out scopes that it holds itself, and this connection holds ${nameScopes(effective)}.`;
  if (target === null) return rule;
  const held = target.scopes.effective;
  const beyond = lackingScopes(held, effective, profile.implies);
  const device = `The device it is about held ${nameScopes(held)} on connection ${target.id}`;
  if (beyond.length > 0) return `${rule} ${device}; the caller lacks ${nameScopes(beyond)}.`;
  const own = caller.handshake.connect?.device?.id ?? null;
  const cause =
    own === null || own === deviceId
      ? "what else was the cause, the recording does not show."
      : `but the caller is the device ${own.slice(0, 8)} and the token is another device's: without operator.admin a Gateway may let a device change no token but its own.`;
  return `This connection holds ${nameScopes(effective)}. ${device}, which this one covers; ${cause}`;
}
