import { randomBytes } from "node:crypto";
import type { ConnectDecision } from "../../gateway/connect-question.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import type { ScriptedAction, Script, ScriptedConnection } from "../script/script.ts";

type Accepted = Extract<ConnectDecision, { kind: "accepted" }>;

/** A hello-ok made from a recorded one. */
export interface DerivedHello {
  /** The action of the recorded one, for its times. */
  readonly action: ScriptedAction;
  readonly connection: ScriptedConnection;
  readonly frame: JsonObject;
  /** The device token that it carries; null when none. */
  readonly token: string | null;
}

/** Makes the hello-ok of a decision from the recorded one that comes nearest; null when there is none. */
export function deriveHello(
  scripts: readonly Script[],
  decision: Accepted,
  token: string | null,
  nowMs: number,
): DerivedHello | null {
  const isAdmin = decision.scopes.includes("operator.admin");
  let best: { readonly score: number; readonly hello: DerivedHello } | null = null;
  for (const connection of scripts.flatMap(({ connections }) => connections)) {
    const { traced, connectAnswer } = connection;
    const { connect, hello } = traced.handshake;
    if (hello === null || connectAnswer === null) continue;
    const wasAdmin = connect?.scopes?.includes("operator.admin") === true;
    // An admin is told where the Gateway keeps its files; anybody else is not.
    const score = (wasAdmin === isAdmin ? 2 : 0) + (connect?.role === decision.role ? 1 : 0);
    if (best !== null && best.score >= score) continue;
    const issued = decision.tokenScopes === null ? null : (token ?? newToken());
    const frame = frameOf(connectAnswer.act.frame["payload"], decision, issued, nowMs);
    best = { score, hello: { action: connectAnswer, connection, frame, token: issued } };
  }
  return best?.hello ?? null;
}

function frameOf(
  payload: unknown,
  decision: Accepted,
  token: string | null,
  nowMs: number,
): JsonObject {
  const hello = isJsonObject(payload) ? payload : {};
  const { recoveryScope: _scope, ...recorded } = isJsonObject(hello["auth"]) ? hello["auth"] : {};
  const { deviceToken: _token, issuedAtMs: _issued, deviceTokens: _more, ...rest } = recorded;
  const auth = {
    ...rest,
    ...(decision.method === null ? {} : { method: decision.method }),
    role: decision.role,
    scopes: decision.reported,
    ...(token === null ? {} : { deviceToken: token, issuedAtMs: nowMs }),
  };
  const { auth: _theirs, ...others } = hello;
  const said = { ...others, protocol: decision.protocol };
  // Older Gateways say nothing about it where they issue no token.
  return {
    type: "res",
    id: "",
    ok: true,
    payload: decision.reported === null ? said : { ...said, auth },
  };
}

function newToken(): string {
  return randomBytes(32).toString("base64url");
}
