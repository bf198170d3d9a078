import { isDeepStrictEqual } from "node:util";
import { authorizeCall } from "../gateway/authorize-call.ts";
import type { ConnectDecision, DeviceStanding } from "../gateway/connect-question.ts";
import { decideConnect } from "../gateway/decide-connect.ts";
import type { Profile } from "../gateway/profile.ts";
import type { WireError } from "../gateway/refusal.ts";
import { parseRoleRefusal, parseScopeRefusal } from "../gateway/scopes.ts";
import { circumstancesOf, deviceOf, questionOf, type Case } from "./case.ts";
import type { Handshake, Observation } from "./meet.ts";

/** What rules say beforehand of one meeting: null for what they do not know, `allowed` for a call that reaches its handler. */
export interface Foreseen {
  readonly handshake: Handshake | null;
  readonly calls: readonly ("allowed" | WireError | null)[];
}

/** How well rules foresee an answer; `unheard` of a call on a connection that they do not foresee. */
export type Outcome = "foreseen" | "wrong" | "unknown" | "unheard";

const deviceIds = new WeakMap<Case, string>();

/** What these rules say of each meeting of a case, given what was seen: ids of requests come from there, and where nothing is known, who was let in. */
export function foresee(profile: Profile, one: Case, seen: Observation["seen"] = []): readonly Foreseen[] {
  const deviceId = deviceIds.get(one) ?? deviceOf(one).id;
  deviceIds.set(one, deviceId);
  let standing: DeviceStanding | null = { kind: "unpaired" };
  return one.meetings.map((meeting, index) => {
    const answered = seen[index]?.handshake;
    const decision = decideConnect({
      question: questionOf(meeting, deviceId),
      circumstances: circumstancesOf(meeting, one.setup),
      standing,
      profile,
      requestId: requestIdIn(answered),
    });
    if (meeting.device && decision.kind === "unknown" && answered?.kind !== "refused") standing = null;
    if (meeting.device && decision.kind === "accepted") standing = decision.standing ?? standing;
    if (decision.kind !== "accepted") return { handshake: read(decision), calls: [] };
    const { role, scopes } = decision;
    const calls = (meeting.calls ?? []).map(([method, params]) => {
      const call = authorizeCall(profile, { role, scopes }, { method, params });
      return call.kind === "allowed" ? "allowed" : call.kind === "unknown" ? null : call.error;
    });
    return { handshake: read(decision), calls };
  });
} // prettier-ignore

function read(decision: ConnectDecision): Handshake | null {
  if (decision.kind === "unknown") return null;
  if (decision.kind === "refused") {
    const { error, close } = decision;
    return { kind: "refused", error, close };
  }
  const { protocol, reported, role, method, tokenScopes } = decision;
  return {
    kind: "hello",
    protocol,
    role: reported === null ? null : role,
    scopes: reported,
    method: reported === null ? null : method,
    hasToken: tokenScopes !== null,
  };
}

function requestIdIn(handshake: Handshake | undefined): string {
  const id = handshake?.kind === "refused" ? handshake.error.details?.["requestId"] : null;
  return typeof id === "string" ? id : "none";
}

/** How these rules do on a case: of each meeting first the handshake, then its calls. */
export function judge(profile: Profile, { case: one, seen }: Observation): readonly Outcome[] {
  const foreseen = foresee(profile, one, seen);
  return seen.flatMap((saw, index) => {
    const { handshake = null, calls = [] } = foreseen[index] ?? {};
    if (saw === null) return [];
    const connect = outcomeOf(handshake, saw.handshake);
    return [
      connect,
      ...saw.calls.map((call, at): Outcome => {
        const said = calls[at] ?? null;
        if (saw.handshake.kind !== handshake?.kind || said === null || call === null)
          return "unknown";
        if (said !== "allowed") return outcomeOf(said, call.error);
        return isDenied(call.error) ? "wrong" : "foreseen";
      }),
    ];
  });
}

function outcomeOf(foreseen: unknown, seen: unknown): Outcome {
  if (foreseen === null) return "unknown";
  return isDeepStrictEqual(foreseen, seen) ? "foreseen" : "wrong";
}

/** True for an answer of the authorization, or of the check whose session it is, not of the handler itself. */
function isDenied(error: WireError | null): boolean {
  if (error === null) return false;
  const { code, message, details } = error;
  const frame = { code, message, details, retryable: null, retryAfterMs: null };
  if (parseScopeRefusal(frame) !== null || parseRoleRefusal(frame) !== null) return true;
  if (code === "FORBIDDEN" || details?.["code"] === "SESSION_MUTATION_TARGET_REQUIRED") return true;
  return message.startsWith("unknown method");
}

/** What each outcome of `judge` is about, in the same order. */
export function namesOf({ case: one, seen }: Observation): readonly string[] {
  return seen.flatMap((saw, index) => {
    if (saw === null) return [];
    const name = index === 0 ? one.name : `${one.name}, connection ${index + 1}`;
    return [name, ...saw.calls.map((_, at) => `${name} > ${describeCall(one, index, at)}`)];
  });
}

function describeCall(one: Case, index: number, at: number): string {
  const [method, params] = one.meetings[index]?.calls?.[at] ?? ["", {}];
  return Object.keys(params).length === 0 ? method : `${method} ${JSON.stringify(params)}`;
}
