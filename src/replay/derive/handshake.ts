import { randomBytes } from "node:crypto";
import type { ConnectDecision, ConnectQuestion } from "../../gateway/connect-question.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { isForwarded, originOf } from "../match/compare-client.ts";
import type { Counterpart } from "../match/counterparts.ts";
import type { Script, ScriptedAction, ScriptedConnection } from "../script/script.ts";
import type { LiveHandshake, World, WorldDecision } from "./world.ts";

/**
 * Decides on a live `connect` by the rules, where the recorded answer is not the answer to it; null where it is. `reuse` lets
 * clients in for whom nothing recorded is left.
 */
export function deriveHandshake(
  world: World,
  counterpart: Counterpart | null,
  live: LiveHandshake,
  reuse: boolean,
): WorldDecision | null {
  if (counterpart === null && !reuse) return null;
  if (counterpart === null || counterpart.differences.length > 0) return world.decide(live);
  if (counterpart.connection.requests[0]?.unseen) return world.decide(live);
  const question = world.readQuestion(live);
  if (question === null) return null;
  return contradicts(world, counterpart.connection, live, question) ? world.decide(live) : null;
}

/** True when the recorded answer cannot be the answer to this client, however much it looks like the recorded one. */
function contradicts(
  world: World,
  recorded: ScriptedConnection,
  live: LiveHandshake,
  question: ConnectQuestion,
): boolean {
  const { upgrade, traced } = recorded;
  if (originOf(upgrade) !== originOf(live.upgrade)) return true;
  if (isForwarded(upgrade) !== isForwarded(live.upgrade)) return true;
  if (world.assumesPeer !== null && world.assumesPeer !== traced.peerIsLoopback) return true;
  const { hello, refusal, connect } = traced.handshake;
  const code = refusal?.detailCode ?? "";
  const { token, password } = question.credentials;
  if (hello !== null && (isBad(token) || isBad(password))) return true;
  if (world.knowsToken && code === "AUTH_TOKEN_MISMATCH" && token === "right") return true;
  if (question.device === null || isPlayedBack(recorded, live.params)) return false;
  if (question.device.proof.ok === code.startsWith("DEVICE_AUTH_")) return true;
  const isOther = question.device.id !== connect?.device?.id;
  return isOther && world.knowsDevice(question.device.id);
}

function isBad(credential: string): boolean {
  return credential === "wrong" || credential === "device-token";
}

/** A recorded client that is played back says its old proof again: it has no key to sign the new challenge with. */
function isPlayedBack({ requests }: ScriptedConnection, params: unknown): boolean {
  const theirs = isJsonObject(requests[0]?.params) ? requests[0].params["device"] : null;
  const ours = isJsonObject(params) ? params["device"] : null;
  return isJsonObject(theirs) && isJsonObject(ours) && theirs["signature"] === ours["signature"];
}

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
