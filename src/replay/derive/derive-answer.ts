import { authorizeCall, type Caller } from "../../gateway/authorize-call.ts";
import type { WireError } from "../../gateway/refusal.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import type { Profile } from "../../gateway/profile.ts";
import { parseRoleRefusal, parseScopeRefusal } from "../../gateway/scopes.ts";
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
  profile: Profile,
  caller: Caller,
  live: LiveRequest,
  nowMs: number,
  /** A recorded connection whose own answers are used up. */
  except: ScriptedConnection | null = null,
): DerivedAnswer {
  const method = live.method ?? "";
  const decision = authorizeCall(
    profile,
    caller,
    { method, params: live.params },
    advertisedIn(scripts),
  );
  if (decision.kind === "unknown") return decision;
  if (decision.kind === "refused") {
    const { error } = decision;
    return { kind: "refused", error, source: `rules of OpenClaw ${profile.version}` };
  }
  return findRecorded(scripts, live, except) ?? makeAnswer(scripts, profile, live, nowMs);
}

/** The methods that the recorded Gateway said it has. */
function advertisedIn(scripts: readonly Script[]): readonly string[] {
  return scripts.flatMap((script) =>
    script.connections.flatMap(({ traced }) => traced.handshake.hello?.methods ?? []),
  );
}

/** The same request on another recorded connection, answered by its handler and not for want of a scope. */
function findRecorded(
  scripts: readonly Script[],
  live: LiveRequest,
  except: ScriptedConnection | null,
): DerivedAnswer | null {
  let found: DerivedAnswer | null = null;
  for (const connection of scripts.flatMap(({ connections }) => connections)) {
    if (connection === except) continue;
    for (const request of connection.requests) {
      if (request.method !== live.method || request.answer === null) continue;
      const { first } = compareValues(request.params, live.params, "params", request.redacted);
      if (first !== null) continue;
      const answer = recordedAnswer(connection, request);
      if (answer === null) continue;
      if (request.answer.ok) return answer;
      found ??= answer;
    }
  }
  return found;
}

function recordedAnswer(
  { actions, recording, id }: ScriptedConnection,
  request: ScriptedRequest,
): DerivedAnswer | null {
  const action = actions.find(({ answers }) => answers === request.entry);
  if (action?.act.type !== "frame") return null;
  const { frame } = action.act;
  if (request.answer?.ok !== true && isPolicy(frame["error"])) return null;
  const aftermath = actions.filter(
    ({ because, act }) => because === request.entry && act.type === "frame",
  );
  const source = `${recording}, connection ${id}`;
  return { kind: "recorded", request, action, frame, aftermath, source };
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
  { version }: Profile,
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
      return { kind: "made", payload, source: like?.where ?? `rules of OpenClaw ${version}` };
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
