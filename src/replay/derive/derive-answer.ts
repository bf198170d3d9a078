import { authorizeCall, type Caller } from "../../gateway/authorize-call.ts";
import type { FrameError } from "../../gateway/frame.ts";
import type { WireError } from "../../gateway/refusal.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import type { Profile } from "../../gateway/profile.ts";
import { nameRules, type Rules } from "../../gateway/rules.ts";
import { parseRoleRefusal, parseScopeRefusal, powerOf } from "../../gateway/scopes.ts";
import { compareValues } from "../../diff/compare-values.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type {
  ScriptedAction,
  Script,
  ScriptedConnection,
  ScriptedRequest,
} from "../script/script.ts";

/** An answer that no recorded request got in just this place, and where it is from. */
export type DerivedAnswer =
  | { readonly kind: "refused"; readonly error: WireError; readonly source: string }
  | {
      readonly kind: "recorded";
      readonly request: ScriptedRequest;
      readonly action: ScriptedAction;
      readonly frame: JsonObject;
      /** What the recorded Gateway said of that call afterwards, events and further answers, in recorded order. */
      readonly aftermath: readonly ScriptedAction[];
      readonly source: string;
    }
  | { readonly kind: "made"; readonly payload: JsonObject; readonly source: string }
  | { readonly kind: "unknown"; readonly missing: string };

/** Answers a call by the rules, and where it is allowed by what the recordings hold. */
export function deriveAnswer(
  scripts: readonly Script[],
  rules: Rules,
  caller: Caller,
  live: LiveRequest,
  nowMs: number,
  /** A recorded connection whose own answers are used up. */
  except: ScriptedConnection | null = null,
): DerivedAnswer {
  const { profile } = rules;
  const method = live.method ?? "";
  const decision = authorizeCall(
    profile,
    caller,
    { method, params: live.params },
    connectionsOf(scripts).flatMap(({ traced }) => traced.handshake.hello?.methods ?? []),
  );
  if (decision.kind === "unknown") {
    return findWitnessed(scripts, profile, caller, live, except) ?? decision;
  }
  if (decision.kind === "refused") {
    return { kind: "refused", error: decision.error, source: nameRules(rules) };
  }
  return (
    findRecorded(recordedLike(scripts, live, except)) ?? makeAnswer(scripts, rules, live, nowMs)
  );
}

function connectionsOf(scripts: readonly Script[]): readonly ScriptedConnection[] {
  return scripts.flatMap(({ connections }) => connections);
}

interface Like {
  readonly connection: ScriptedConnection;
  readonly request: ScriptedRequest;
}

/** The same request on other recorded connections. */
function recordedLike(
  scripts: readonly Script[],
  live: LiveRequest,
  except: ScriptedConnection | null,
): readonly Like[] {
  return connectionsOf(scripts)
    .filter((connection) => connection !== except)
    .flatMap((connection) =>
      connection.requests
        .filter((request) => isLike(request, live))
        .map((request) => ({ connection, request })),
    );
}

function isLike(request: ScriptedRequest, live: LiveRequest): boolean {
  if (request.method !== live.method || request.answer === null) return false;
  return compareValues(request.params, live.params, "params", request.redacted).first === null;
}

/** The same request, answered by its handler and not for want of a scope. */
function findRecorded(likes: readonly Like[]): DerivedAnswer | null {
  let found: DerivedAnswer | null = null;
  for (const like of likes) {
    const answer = recordedAnswer(like);
    if (answer === null) continue;
    if (like.request.answer?.ok === true) return answer;
    found ??= answer;
  }
  return found;
}

/**
 * Where the rules do not know, what the recording shows may do: who holds all that somebody held whose request was let in, is let in;
 * who holds no more than somebody whose request was refused, is refused.
 */
function findWitnessed(
  scripts: readonly Script[],
  { implies }: Profile,
  caller: Caller,
  live: LiveRequest,
  except: ScriptedConnection | null,
): DerivedAnswer | null {
  const likes = recordedLike(scripts, live, except).filter(({ connection: { traced } }) => {
    const { handshake, scopes } = traced;
    return handshake.connect?.role === caller.role && scopes.effectiveFrom !== "unknown";
  });
  const covers = (held: readonly string[], needed: readonly string[]): boolean => {
    const holds = powerOf(held, implies);
    return needed.every((scope) => holds(scope) === true);
  };
  const letIn = likes.filter(({ connection }) => covers(caller.scopes, connection.traced.scopes.effective)); // prettier-ignore
  const found = findRecorded(letIn);
  if (found !== null) return found;
  for (const like of likes) {
    if (!covers(like.connection.traced.scopes.effective, caller.scopes)) continue;
    const error = errorOf(like);
    const refusal = error === null ? null : parseScopeRefusal(error);
    if (error === null || refusal === null) continue;
    if (powerOf(caller.scopes, implies)(refusal.missing) !== false) continue;
    const { code, message, details } = error;
    const shown = isJsonObject(details) ? { details } : {};
    const source = nameSource(like.connection);
    return { kind: "refused", error: { code, message, ...shown }, source };
  }
  return null;
}

function nameSource({ recording, id }: ScriptedConnection): string {
  return `${recording}, connection ${id}`;
}

function recordedAnswer(like: Like): DerivedAnswer | null {
  const { connection, request } = like;
  const { actions } = connection;
  const action = actions.find(({ answers }) => answers === request.entry);
  if (action?.act.type !== "frame") return null;
  const { frame } = action.act;
  if (request.answer?.ok !== true && isPolicy(errorOf(like))) return null;
  const aftermath = actions.filter(
    ({ because, act }) => because === request.entry && act.type === "frame",
  );
  return { kind: "recorded", request, action, frame, aftermath, source: nameSource(connection) };
}

/** The error that a recorded request was answered with; null when there was none. */
function errorOf({ connection: { traced }, request: { entry } }: Like): FrameError | null {
  return traced.rpcs.find(({ requestEntry }) => requestEntry === entry)?.error ?? null;
}

function isPolicy(error: FrameError | null): boolean {
  return error === null || parseScopeRefusal(error) !== null || parseRoleRefusal(error) !== null;
}

/** Only where the shape of the answer is known: `agent` says back its idempotency key and goes to work. */
function makeAnswer(
  scripts: readonly Script[],
  rules: Rules,
  { method, params }: LiveRequest,
  nowMs: number,
): DerivedAnswer {
  const key = isJsonObject(params) ? params["idempotencyKey"] : undefined;
  if (method === "agent" && isJsonObject(params) && typeof key === "string" && key !== "") {
    const calls = connectionsOf(scripts).flatMap((connection) =>
      connection.requests
        .filter((request) => request.method === method)
        .map((request) => ({ connection, request })),
    );
    // What a field does to a run is not followed, only that Gateways take it: a recorded call had it.
    const asked = calls.flatMap(({ request }) =>
      isJsonObject(request.params) ? Object.keys(request.params) : [],
    );
    const fields = new Set(["message", ...asked]);
    if (Object.keys(params).every((field) => fields.has(field))) {
      const payload = { runId: key, status: "accepted", acceptedAt: nowMs };
      const like = calls.find(({ request }) => request.answer?.ok);
      const source = like === undefined ? nameRules(rules) : nameSource(like.connection);
      return { kind: "made", payload, source };
    }
  }
  return { kind: "unknown", missing: `what ${method} answers: it is allowed, and not recorded` };
}
