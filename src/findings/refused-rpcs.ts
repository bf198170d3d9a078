import { parseRoleRefusal, parseScopeRefusal, lackingScopes } from "../gateway/scopes.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import {
  handshakeEntries,
  groupBy,
  groupByMethod,
  tellCalls,
  timesOf,
  type Cause,
  type FindingDraft,
  type RuleContext,
} from "./rule.ts";
import { NOT_MEASURED, look } from "../gateway/measured.ts";
import { describeVersions } from "../gateway/rules.ts";
import { findContrast } from "./contrast.ts";
import { nameClient, nameScopes } from "./wording.ts";
import { closest, distance } from "fastest-levenshtein";

/** Calls refused because the method belongs to another role. */
export function diagnoseRoleRefusals(connection: Connection): readonly FindingDraft[] {
  return groupByMethod(
    connection,
    (rpc) => rpc.error !== null && parseRoleRefusal(rpc.error) !== null,
  ).map((calls) => ({
    code: "role-not-allowed",
    ...tellCalls(calls, "was refused", [connection.handshake.connectEntry]),
    ...judgeRole(calls[0]),
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
  return groupByMethod(connection, failed).map((calls) =>
    // What the Gateway takes for an invalid request it does not begin to do.
    calls[0].error?.code === "INVALID_REQUEST"
      ? { ...judgeRefused(calls[0]), ...tellCalls(calls, "was refused") }
      : { ...judgeFailed(calls[0]), ...tellCalls(calls, "failed") },
  );
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
    (calls) => {
      const [{ id, method, final }] = calls;
      return {
        code: "rpc-failed",
        rpc: id,
        title: `${method} was accepted and then failed${timesOf(calls)}: ${final?.error?.message ?? "no reason given"}`,
        why: `The Gateway took the call, and answered ${final?.error?.code ?? "not ok"} when its work was done: scopes are not the cause.`,
        fix: `Look at the events of the run and at the Gateway's log at that time.`,
        evidence: calls.flatMap((rpc) => [
          rpc.requestEntry,
          rpc.responseEntry,
          rpc.final?.responseEntry ?? null,
        ]),
      };
    },
  );
}

/** Requests that were still waiting when client or Gateway ended their connection, and whose answer cannot have fallen into a gap. */
export function diagnoseUnanswered(connection: Connection): readonly FindingDraft[] {
  const { close } = connection;
  if (close === null || close.by === "tap") return [];
  const waits = (rpc: Rpc) => rpc.responseEntry === null && !rpc.answerLost;
  return groupByMethod(connection, waits).map((calls) => ({
    code: "rpc-unanswered",
    ...tellCalls(calls, "got no answer", [close.entry]),
    why: `The connection was ended by the ${close.by}${close.code === null ? "" : ` (${close.code}${close.reason === "" ? "" : ` ${close.reason}`})`} before the answer came.`,
    fix:
      close.by === "client"
        ? "Let the client wait for the answer before it closes."
        : "Look at the Gateway's log at that time.",
  }));
}

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
  return groupByMethod(connection, isDeniedForCaller).map((calls) => ({
    code: "caller-denied",
    ...tellCalls(calls, "was refused", handshakeEntries(connection)),
    ...explainDenial(calls[0], connection),
    contrast: findContrast(connection, calls[0].method, null, context),
  }));
}

function explainDenial(
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
    const versions = describeVersions("webchatChangesSessions", false);
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
  return groupByMethod(connection, isDeniedByHandler).map((calls) => {
    const [first] = calls;
    const target = findTarget(first, context.trace);
    const around = [...handshakeEntries(connection), target?.handshake.answerEntry ?? null];
    return {
      code: "token-change-denied",
      ...tellCalls(calls, "was refused", around),
      why: `${explainTokenChange(first, connection, target, context)} The Gateway says the same for an unknown device, a role that is not approved and scopes wider than approved, so the text alone is no proof.`,
      fix: "Call it from a connection that holds operator.admin, and check the device and its approved scopes with: openclaw devices list",
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

function explainTokenChange(
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

/** The nearest name is looked for with so much of the method's: it may be any text. */
const MAX_CHARACTERS = 100;

/** True for a call that the Gateway answered in so many words that it has no such method. */
export function isToldUnknown({ error }: Rpc): boolean {
  return error !== null && error.message.startsWith("unknown method: ");
}

/**
 * True when a call was most likely refused because the Gateway has no such method: hello-ok lists methods and this one is not among
 * them, nor is it known as one that the version keeps to itself, and the scope that is missing is the one that unknown methods need.
 */
export function isUnknownMethod(
  { handshake: { hello } }: Connection,
  method: string,
  missing: string,
  { profile }: Pick<RuleContext, "profile">,
): boolean {
  const advertised = hello?.methods ?? [];
  if (advertised.length === 0 || advertised.includes(method)) return false;
  if (look(profile.methods, method) !== false && profile.methods !== NOT_MEASURED) return false;
  const needed = profile.unknownMethodNeeds;
  return missing === (needed === NOT_MEASURED ? "operator.admin" : needed);
}

/** What to call instead of a method that the Gateway does not have. */
export function adviseMethod({ handshake: { hello } }: Connection, method: string): string {
  const advertised = hello?.methods ?? [];
  const asked = method.slice(0, MAX_CHARACTERS);
  const nearest = advertised.length === 0 ? null : closest(asked, advertised);
  const isNear = nearest !== null && distance(nearest, asked) <= Math.max(2, asked.length / 5);
  return isNear
    ? `Call a method that this Gateway has; the nearest that it lists is ${nearest}.`
    : "Call a method that this Gateway has: hello-ok lists them in features.methods.";
}

/** Calls of methods that the Gateway says it does not have. */
export function diagnoseUnknownMethods(connection: Connection): readonly FindingDraft[] {
  if (connection.outcome !== "accepted") return [];
  return groupByMethod(connection, isToldUnknown).map((calls) => ({
    code: "unknown-method",
    ...tellCalls(calls, "was refused"),
    why: `This Gateway has no method ${calls[0].method}: another version may, or the name is misspelt.`,
    fix: adviseMethod(connection, calls[0].method),
  }));
}
