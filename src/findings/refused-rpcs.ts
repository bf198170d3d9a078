import { parseRoleRefusal, parseScopeRefusal } from "../gateway/scopes.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { isDeniedForCaller } from "./caller-denied.ts";
import { entriesOf, groupBy, groupByMethod, timesOf } from "./group.ts";
import type { Cause, FindingDraft } from "./rule.ts";
import { isDeniedByHandler } from "./token-change.ts";
import { isToldUnknown } from "./unknown-method.ts";

/** Calls refused because the method belongs to another role. */
export function diagnoseRoleRefusals(connection: Connection): readonly FindingDraft[] {
  return groupByMethod(
    connection,
    (rpc) => rpc.error !== null && parseRoleRefusal(rpc.error) !== null,
  ).map(([first, ...more]) => ({
    code: "role-not-allowed",
    rpc: first.id,
    title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
    ...judgeRole(first),
    evidence: [connection.handshake.connectEntry, ...entriesOf([first, ...more])],
  }));
}

// There are two roles, and the refusal names the one that the connection has.
function judgeRole({ method, error }: Rpc): Pick<FindingDraft, "why" | "fix"> {
  const role = error === null ? null : parseRoleRefusal(error);
  const other = role === "node" ? "operator" : role === "operator" ? "node" : null;
  return {
    why: `The connection has the role ${role ?? "operator"}, and ${method} is for ${other === null ? "another one" : `the role ${other}`}. Scopes do not matter here.`,
    fix: `Call ${method} from a connection with the ${other === null ? "right role" : `role ${other}`} (connect.params.role).`,
  };
}

/** Calls answered with any other error: not about scopes or roles, but worth seeing. */
export function diagnoseFailedRpcs(connection: Connection): readonly FindingDraft[] {
  // Before hello-ok nothing is called: what is refused there is the handshake.
  if (connection.outcome !== "accepted") return [];
  const failed = (rpc: Rpc) =>
    rpc.error !== null &&
    parseScopeRefusal(rpc.error) === null &&
    parseRoleRefusal(rpc.error) === null &&
    !isDeniedByHandler(rpc) &&
    !isDeniedForCaller(rpc) &&
    !isToldUnknown(rpc);
  return groupByMethod(connection, failed).map(([first, ...more]) => {
    const { method, error } = first;
    return {
      ...(isRefused(first) ? judgeRefused(first) : judgeFailed(first)),
      rpc: first.id,
      title: `${method} ${isRefused(first) ? "was refused" : "failed"}${timesOf(more)}: ${error?.message}`,
      evidence: entriesOf([first, ...more]),
    };
  });
}

// What the Gateway takes for an invalid request it does not begin to do.
function isRefused({ error }: Rpc): boolean {
  return error?.code === "INVALID_REQUEST";
}

function judgeRefused({ method, error }: Rpc): Cause {
  const isAboutParams = /^invalid \S+ params/.test(error?.message ?? "");
  return {
    code: "rpc-refused",
    why: `The call never ran: the scopes were enough, and the Gateway then refused ${isAboutParams ? `the params of ${method}` : "what it asks for"} (${error?.code}).`,
    fix: isAboutParams
      ? `Send the params that ${method} takes on this version: ${error?.message}`
      : `Look at what the message says about the params of ${method}; to send the same again is refused again.`,
  };
}

function judgeFailed({ method, error }: Rpc): Cause {
  return {
    code: "rpc-failed",
    why: `The Gateway answered ${error?.code}. The call passed the scope check: authorization comes before params and handler.`,
    fix: `Look at the params of ${method} and at the Gateway's log at that time.`,
  };
}

/** Calls such as `agent` that were answered `accepted`, and failed later. */
export function diagnoseFailedEnds(connection: Connection): readonly FindingDraft[] {
  const ended = connection.rpcs.filter(({ final }) => final?.ok === false);
  return groupBy(ended, ({ method, final }) => `${method}\n${final?.error?.message ?? ""}`).map(
    ([first, ...more]) => ({
      code: "rpc-failed",
      rpc: first.id,
      title: `${first.method} was accepted and then failed${timesOf(more)}: ${first.final?.error?.message ?? "no reason given"}`,
      why: `The Gateway took the call, and answered ${first.final?.error?.code ?? "not ok"} when its work was done: scopes are not the cause.`,
      fix: `Look at the events of the run and at the Gateway's log at that time.`,
      evidence: [first, ...more].flatMap(({ requestEntry, responseEntry, final }) => [
        requestEntry,
        responseEntry,
        final?.responseEntry ?? null,
      ]),
    }),
  );
}

/** Requests that were still waiting when client or Gateway ended their connection, and whose answer cannot have fallen into a gap. */
export function diagnoseUnanswered(connection: Connection): readonly FindingDraft[] {
  const { close } = connection;
  if (close === null || close.by === "tap") return [];
  const waits = (rpc: Rpc) => rpc.responseEntry === null && !rpc.answerLost;
  return groupByMethod(connection, waits).map(([first, ...more]) => ({
    code: "rpc-unanswered",
    rpc: first.id,
    title: `${first.method} got no answer${timesOf(more)}`,
    why: `The connection was ended by the ${close.by}${close.code === null ? "" : ` (${close.code}${close.reason === "" ? "" : ` ${close.reason}`})`} before the answer came.`,
    fix:
      close.by === "client"
        ? "Let the client wait for the answer before it closes."
        : "Look at the Gateway's log at that time.",
    evidence: [...entriesOf([first, ...more]), close.entry],
  }));
}
