import type { Caller } from "../../gateway/authorize-call.ts";
import { type JsonObject, isJsonObject } from "../../gateway/json-object.ts";
import { NOT_MEASURED } from "../../gateway/measured.ts";
import type { UpgradeHead, Counterpart } from "../match/counterparts.ts";
import type { LiveRequest } from "../match/request-book.ts";
import { renderFrame, type LiveFacts } from "../play/render-frame.ts";
import type { ClientLink } from "../play/player.ts";
import type { Script, ScriptedAction, ScriptedConnection } from "../script/script.ts";
import { deriveAnswer } from "./derive-answer.ts";
import type { World, WorldDecision } from "./world.ts";
import { randomBytes } from "node:crypto";
import type { ConnectDecision } from "../../gateway/connect-question.ts";

/** How a call was answered by derivation: from where, or what would have to be known. */
export interface DerivedNote {
  /** Null where it was not answered. */
  readonly source: string | null;
  readonly missing: string | null;
  /** What was said of the call after its answer, or why nothing was; null where nothing is to be said. */
  readonly aftermath: string | null;
}

/** What the derivation for one live client needs. */
export interface LiveDerivationOptions {
  readonly world: World;
  /** Clients for whom nothing recorded is left are let in. */
  readonly reuse: boolean;
  readonly link: ClientLink;
  readonly facts: LiveFacts;
  readonly upgrade: UpgradeHead;
  /** The `seq` of the next event, when it goes on by so many. */
  readonly takeSeq: (step: number) => number;
  /** Of the challenge that the client was sent. */
  readonly nonce: string;
}

/** What one live client is told by the rules, where the recorded answer is not the answer to it: the handshake, then calls. */
export class LiveDerivation {
  readonly #options: LiveDerivationOptions;
  #decision: WorldDecision | null = null;
  #caller: Caller | null = null;
  #roleRefusals = 0;

  constructor(options: LiveDerivationOptions) {
    this.#options = options;
  }

  /** How the rules decided on `connect`; null where the recorded answer stands. */
  get decision(): WorldDecision | null {
    return this.#decision;
  }

  /** True once calls can be answered by the rules. */
  get canAnswer(): boolean {
    return this.#caller !== null && this.#options.world.rules !== null;
  }

  /** Decides on `connect`; null where the recorded answer stands, or there is nobody in whose place the client comes. */
  decide(live: LiveRequest, counterpart: Counterpart | null): WorldDecision | null {
    const { world, upgrade, nonce, facts, reuse } = this.#options;
    const handshake = { params: live.params, upgrade, nonce, nowMs: facts.nowMs() };
    this.#decision = world.decide(handshake, counterpart, reuse);
    return this.#decision;
  }

  /** Says what was decided, and nothing where that is not known. `onHello` is told which recorded hello-ok was made into this one. */
  announce(
    live: LiveRequest,
    derived: WorldDecision,
    onHello: (connection: ScriptedConnection) => void,
  ): void {
    const { world, link, facts } = this.#options;
    const { decision, question } = derived;
    if (decision.kind === "unknown") return;
    let token: string | null = null;
    if (decision.kind === "refused") {
      const { error, close } = decision;
      link.say({ type: "res", id: live.id, ok: false, error });
      link.send({ type: "close", ...close });
    } else {
      const issued = question?.device ? world.issuedToken(question.device.id) : null;
      const hello = deriveHello(world.scripts, decision, issued, facts.nowMs());
      if (hello === null) {
        const missing = "what its hello-ok says: none is recorded";
        this.#decision = { ...derived, decision: { kind: "unknown", missing } };
        return;
      }
      token = hello.token;
      onHello(hello.connection);
      const own = { liveId: live.id, seq: null };
      const { text, read } = renderFrame(hello.action, hello.frame, own, facts);
      link.send({ type: "text", text }, read);
      this.admit({ role: decision.role, scopes: decision.scopes });
    }
    world.note(derived, token);
  }

  /** From here on calls are answered as that caller's, where the Gateway's rules are known. */
  admit(caller: Caller): void {
    this.#caller = caller;
  }

  /** True when the rules refuse a call. Answers nothing. */
  refuses(live: LiveRequest): boolean {
    return this.#derive(live, null)?.kind === "refused";
  }

  /**
   * Answers a call that the recording does not answer in this place: by the rules, or by what others got. Null when no call can be
   * answered. The answers recorded on `except` are used up.
   */
  answer(live: LiveRequest, except: ScriptedConnection | null): DerivedNote | null {
    const answer = live.id === null ? null : this.#derive(live, except);
    if (answer === null) return null;
    if (answer.kind === "unknown")
      return { source: null, missing: answer.missing, aftermath: null };
    const { source } = answer;
    if (answer.kind === "refused") {
      this.#options.link.say({ type: "res", id: live.id, ok: false, error: answer.error });
      this.#guard(answer.error.message);
      return { source, missing: null, aftermath: null };
    }
    this.#roleRefusals = 0;
    if (answer.kind === "made") {
      this.#options.link.say({ type: "res", id: live.id, ok: true, payload: answer.payload });
      return { source, missing: null, aftermath: NOT_KNOWN };
    }
    const { request, action, frame, aftermath } = answer;
    this.#options.facts.correlation.learnFrom(request.params, live.params);
    this.#say(action, frame, live.id);
    // What followed there is said at once: how long it took there is that run's own.
    for (const later of aftermath) {
      if (later.act.type !== "frame") continue;
      this.#say(later, later.act.frame, later.answers === null ? null : live.id);
    }
    return { source, missing: null, aftermath: describeAftermath(aftermath, source) };
  }

  #derive(live: LiveRequest, except: ScriptedConnection | null) {
    const { world, facts } = this.#options;
    if (world.rules === null || this.#caller === null) return null;
    return deriveAnswer(world.scripts, world.rules, this.#caller, live, facts.nowMs(), except);
  }

  #say(action: ScriptedAction, recorded: JsonObject, liveId: string | null): void {
    const { link, facts, takeSeq } = this.#options;
    const seq = action.seqStep === null ? null : takeSeq(1);
    const { text, read } = renderFrame(action, recorded, { liveId, seq }, facts);
    link.send({ type: "text", text }, read);
  }

  #guard(message: string): void {
    if (!message.startsWith("unauthorized role:")) {
      this.#roleRefusals = 0;
      return;
    }
    this.#roleRefusals += 1;
    const most = this.#options.world.rules?.profile.roleRefusalsInARow ?? false;
    if (most === false || most === NOT_MEASURED || this.#roleRefusals < most) return;
    const reason = "repeated unauthorized calls";
    this.#options.link.send({ type: "close", code: 1008, reason });
  }
}

const NOT_KNOWN = "what the run tells after that is not known: no such run is recorded";

function describeAftermath(aftermath: readonly ScriptedAction[], source: string): string | null {
  const [count, noun] = [aftermath.length, aftermath.length === 1 ? "message" : "messages"];
  return count === 0 ? null : `${count} ${noun} of that call followed (derived: ${source})`;
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
    const issued =
      decision.tokenScopes === null ? null : (token ?? randomBytes(32).toString("base64url"));
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
