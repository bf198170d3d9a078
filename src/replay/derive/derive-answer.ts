import { authorizeCall, type Caller } from "../../gateway/authorize-call.ts";
import { parseFrame } from "../../gateway/frame.ts";
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
    advertisedIn(scripts),
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

/** The methods that the recorded Gateway said it has. */
function advertisedIn(scripts: readonly Script[]): readonly string[] {
  return scripts.flatMap((script) =>
    script.connections.flatMap(({ traced }) => traced.handshake.hello?.methods ?? []),
  );
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
  return scripts.flatMap(({ connections }) =>
    connections.flatMap((connection) =>
      connection === except
        ? []
        : connection.requests
            .filter((request) => isLike(request, live))
            .map((request) => ({ connection, request })),
    ),
  );
}

function isLike(request: ScriptedRequest, live: LiveRequest): boolean {
  if (request.method !== live.method || request.answer === null) return false;
  return compareValues(request.params, live.params, "params", request.redacted).first === null;
}

/** The same request, answered by its handler and not for want of a scope. */
function findRecorded(likes: readonly Like[]): DerivedAnswer | null {
  let found: DerivedAnswer | null = null;
  for (const { connection, request } of likes) {
    const answer = recordedAnswer(connection, request);
    if (answer === null) continue;
    if (request.answer?.ok === true) return answer;
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
  for (const { connection, request } of likes) {
    if (!covers(connection.traced.scopes.effective, caller.scopes)) continue;
    const error = scopeRefusalOf(connection, request);
    if (error === null || powerOf(caller.scopes, implies)(error.missing) !== false) continue;
    return { kind: "refused", error: error.error, source: nameSource(connection) };
  }
  return null;
}

/** The error that refused a recorded request for want of a scope; null when it was answered otherwise. */
function scopeRefusalOf(
  { actions }: ScriptedConnection,
  { entry }: ScriptedRequest,
): { readonly error: WireError; readonly missing: string } | null {
  const action = actions.find(({ answers }) => answers === entry);
  if (action?.act.type !== "frame") return null;
  const parsed = parseFrame(JSON.stringify(action.act.frame));
  const error = parsed.ok && parsed.frame.type === "res" ? parsed.frame.error : null;
  const refusal = error === null ? null : parseScopeRefusal(error);
  if (error === null || refusal === null) return null;
  const { code, message, details } = error;
  const shown = isJsonObject(details) ? { details } : {};
  return { error: { code, message, ...shown }, missing: refusal.missing };
}

function nameSource({ recording, id }: ScriptedConnection): string {
  return `${recording}, connection ${id}`;
}

function recordedAnswer(
  connection: ScriptedConnection,
  request: ScriptedRequest,
): DerivedAnswer | null {
  const { actions } = connection;
  const action = actions.find(({ answers }) => answers === request.entry);
  if (action?.act.type !== "frame") return null;
  const { frame } = action.act;
  if (request.answer?.ok !== true && isPolicy(frame["error"])) return null;
  const aftermath = actions.filter(
    ({ because, act }) => because === request.entry && act.type === "frame",
  );
  return { kind: "recorded", request, action, frame, aftermath, source: nameSource(connection) };
}

function isPolicy(error: unknown): boolean {
  if (!isJsonObject(error)) return true;
  const { code, message, details } = error;
  const shaped = {
    code: String(code),
    message: String(message),
    details,
    retryable: null,
    retryAfterMs: null,
  };
  return parseScopeRefusal(shaped) !== null || parseRoleRefusal(shaped) !== null;
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
    const calls = agentCalls(scripts);
    const fields = new Set(["message", ...calls.flatMap(({ asked }) => Object.keys(asked))]);
    if (Object.keys(params).every((field) => fields.has(field))) {
      const payload = { runId: key, status: "accepted", acceptedAt: nowMs };
      const like = calls.find(({ ok }) => ok);
      return { kind: "made", payload, source: like?.where ?? nameRules(rules) };
    }
  }
  return { kind: "unknown", missing: `what ${method} answers: it is allowed, and not recorded` };
}

interface AgentCall {
  readonly asked: JsonObject;
  readonly ok: boolean;
  readonly where: string;
}

// What a field does to a run is not followed, only that Gateways take it: a recorded call had it.
function agentCalls(scripts: readonly Script[]): readonly AgentCall[] {
  return scripts.flatMap(({ connections }) =>
    connections.flatMap(({ requests, recording, id }) =>
      requests.flatMap(({ method, params, answer }) =>
        method === "agent" && isJsonObject(params)
          ? [
              {
                asked: params,
                ok: answer?.ok === true,
                where: `${recording}, connection ${id}`,
              },
            ]
          : [],
      ),
    ),
  );
}
