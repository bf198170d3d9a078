import type { ConnectDecision, ConnectQuestion } from "../../gateway/connect-question.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import type { Counterpart } from "../match/counterparts.ts";
import { isForwarded, originOf } from "../match/compare-client.ts";
import type { ScriptedConnection } from "../script/script.ts";
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

/** How the decision came out, for the verdict; null when it is not known. */
export function outcomeOf(decision: ConnectDecision): {
  readonly ok: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
} | null {
  if (decision.kind === "unknown") return null;
  if (decision.kind === "accepted") return { ok: true, errorCode: null, errorMessage: null };
  return { ok: false, errorCode: decision.error.code, errorMessage: decision.error.message };
}
