import { NOT_MEASURED } from "../gateway/measured.ts";
import { describeVersions } from "../gateway/rules.ts";
import { parseScopeRefusal } from "../gateway/scopes.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { findContrast } from "./contrast.ts";
import { entriesOf, groupByMethod, timesOf } from "./group.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { isDeniedByHandler } from "./token-change.ts";
import { nameClient, nameScopes } from "./wording.ts";

const NOT_AUTHORIZED = /\bnot authorized\b/i;
const WEBCHAT = /^webchat clients cannot \S+ sessions/;

/** True for a call denied for who asks, in words that name no scope. */
export function isDeniedForCaller(rpc: Rpc): boolean {
  const { error } = rpc;
  if (error === null || parseScopeRefusal(error) !== null || isDeniedByHandler(rpc)) return false;
  return (
    error.code === "FORBIDDEN" || NOT_AUTHORIZED.test(error.message) || WEBCHAT.test(error.message)
  );
}

/** Calls that a rule of their own method denied to this caller: about rights, though no scope is named as missing. */
export function diagnoseDeniedCallers(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  if (connection.outcome !== "accepted") return [];
  return groupByMethod(connection, isDeniedForCaller).map((group) => {
    const [first, ...more] = group;
    return {
      code: "caller-denied",
      rpc: first.id,
      title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
      ...explain(first, connection),
      evidence: [
        connection.handshake.connectEntry,
        connection.handshake.answerEntry,
        ...entriesOf(group),
      ],
      contrast: findContrast(connection, first.method, null, context),
    };
  });
}

function explain(
  { method, error }: Rpc,
  connection: Connection,
): { readonly why: string; readonly fix: string } {
  const held = nameScopes(connection.scopes.effective);
  const message = error?.message ?? "";
  // OpenClaw lets only an owner, that is a caller with operator.admin, choose provider and model of a run.
  if (message.startsWith("provider/model overrides")) {
    return {
      why: `${method} takes provider and model in its params only from a caller that holds operator.admin; this connection holds ${held}.`,
      fix: "Leave provider and model out of the params, or ask for operator.admin in connect.params.scopes.",
    };
  }
  // Narrow scopes reach what belongs to one user, so the Gateway has to know which.
  if (message.startsWith("Session-scoped access")) {
    return {
      why: `The connection holds ${held}, with which ${method} shows a user's own sessions only, and no user profile was verified for it.`,
      fix: "Ask for operator.read or operator.write in connect.params.scopes, or connect through a proxy that tells the Gateway who the user is.",
    };
  }
  if (WEBCHAT.test(message)) {
    const versions = describeVersions(({ webchatChangesSessions: may }) =>
      may === NOT_MEASURED ? NOT_MEASURED : !may,
    );
    return {
      why: `It was denied for who calls, not for its params: a client of mode webchat other than openclaw-control-ui, such as this ${nameClient(connection)}, may not change sessions, whatever its scopes (measured on ${versions}).`,
      fix: "Connect as another client id and mode, or use chat.send for what concerns one session.",
    };
  }
  return {
    why: `A rule of ${method} itself looks at who calls, beyond the scope that the method needs; this connection holds ${held}.`,
    fix: "Compare with a connection on which the method succeeds, and look at the Gateway's log at that time.",
  };
}
