import { parseRoleRefusal, parseScopeRefusal } from "../gateway/scopes.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { findContrast } from "./contrast.ts";
import { groupBy, type Group } from "./group.ts";
import type { FindingDraft, RuleContext } from "./rule.ts";
import { nameScopes } from "./wording.ts";

const HANDLER_DENIAL = /^device (token (rotation|revocation)|pairing approval) denied$/;

/** Calls refused because the method belongs to another role. */
export function diagnoseRoleRefusals(connection: Connection): readonly FindingDraft[] {
  return groupByMethod(
    connection,
    (rpc) => rpc.error !== null && parseRoleRefusal(rpc.error) !== null,
  ).map(([first, ...more]) => ({
    code: "role-not-allowed",
    rpc: first.id,
    title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
    why: `The connection has the role ${connection.handshake.connect?.role ?? "operator"}, and ${first.method} is for another one. Scopes do not matter here.`,
    fix: `Call ${first.method} from a connection with the right role (connect.params.role).`,
    evidence: [connection.handshake.connectEntry, ...entriesOf([first, ...more])],
  }));
}

/** Token rotations, revocations and pairing approvals that the method's own handler denied. */
export function diagnoseTokenChanges(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  const { effective } = connection.scopes;
  return groupByMethod(connection, (rpc) => HANDLER_DENIAL.test(rpc.error?.message ?? "")).map(
    ([first, ...more]) => ({
      code: "token-change-denied",
      rpc: first.id,
      title: `${first.method} was refused${timesOf(more)}: ${first.error?.message}`,
      why: effective.includes("operator.admin")
        ? "This connection holds operator.admin, so its scopes are not the cause: the device is unknown, the role is not approved, or the scopes asked for are wider than approved."
        : `A caller may only hand out scopes that it holds itself, and this connection holds ${nameScopes(effective)}. The Gateway says the same for an unknown device, a role that is not approved and scopes wider than approved, so the text alone is no proof.`,
      fix: "Call it from a connection that holds every scope of the target token (operator.admin covers all), and check the device and its approved scopes with: openclaw devices list",
      evidence: [
        connection.handshake.connectEntry,
        connection.handshake.answerEntry,
        ...entriesOf([first, ...more]),
      ],
      contrast: findContrast(connection, first.method, null, context.traces, context.profile),
    }),
  );
}

/** Calls answered with any other error: not about scopes or roles, but worth seeing. */
export function diagnoseFailedRpcs(connection: Connection): readonly FindingDraft[] {
  // Before hello-ok nothing is called: what is refused there is the handshake.
  if (connection.outcome !== "accepted") return [];
  const failed = (rpc: Rpc) =>
    rpc.error !== null &&
    parseScopeRefusal(rpc.error) === null &&
    parseRoleRefusal(rpc.error) === null &&
    !HANDLER_DENIAL.test(rpc.error.message);
  return groupByMethod(connection, failed).map(([first, ...more]) => ({
    code: "rpc-failed",
    rpc: first.id,
    title: `${first.method} failed${timesOf(more)}: ${first.error?.message}`,
    why: `The Gateway answered ${first.error?.code}. The call passed the scope check: authorization comes before params and handler.`,
    fix: `Look at the params of ${first.method} and at the Gateway's log at that time.`,
    evidence: entriesOf([first, ...more]),
  }));
}

/** Requests that were still waiting when their connection ended. */
export function diagnoseUnanswered(connection: Connection): readonly FindingDraft[] {
  if (connection.close === null) return [];
  const { close } = connection;
  return groupByMethod(connection, (rpc) => rpc.responseEntry === null).map(([first, ...more]) => ({
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

function groupByMethod(
  connection: Connection,
  wanted: (rpc: Rpc) => boolean,
): readonly Group<Rpc>[] {
  return groupBy(
    connection.rpcs.filter(wanted),
    ({ method, error }) => `${method}\n${error?.message ?? ""}`,
  );
}

function timesOf(more: readonly Rpc[]): string {
  return more.length === 0 ? "" : ` ${more.length + 1} times`;
}

function entriesOf(rpcs: readonly Rpc[]): readonly (number | null)[] {
  return rpcs.flatMap((rpc) => [rpc.requestEntry, rpc.responseEntry]);
}
