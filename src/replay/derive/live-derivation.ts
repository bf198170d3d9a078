import type { Caller } from "../../gateway/authorize-call.ts";
import type { Counterpart } from "../match/counterparts.ts";
import type { Correlation } from "../play/correlation.ts";
import { deriveHandshake } from "./derive-handshake.ts";
import { DerivedAnswers, type DerivedNote } from "./derived-answers.ts";
import { deriveHello } from "./derived-hello.ts";
import type { ClientLink } from "../play/player.ts";
import { renderFrame, type LiveFacts } from "../play/render-frame.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { Script, ScriptedConnection } from "../script/script.ts";
import type { UpgradeHead } from "../match/compare-client.ts";
import type { World, WorldDecision } from "./world.ts";

/** What the derivation for one live client needs. */
export interface LiveDerivationOptions {
  readonly world: World;
  /** What answers may be taken from. */
  readonly scripts: readonly Script[];
  /** Clients for whom nothing recorded is left are let in. */
  readonly reuse: boolean;
  readonly link: ClientLink;
  readonly correlation: Correlation;
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
  #answers: DerivedAnswers | null = null;

  constructor(options: LiveDerivationOptions) {
    this.#options = options;
  }

  /** How the rules decided on `connect`; null where the recorded answer stands. */
  get decision(): WorldDecision | null {
    return this.#decision;
  }

  /** True once calls can be answered by the rules. */
  get canAnswer(): boolean {
    return this.#answers !== null;
  }

  /** Decides on `connect`; null where the recorded answer stands, or there is nobody in whose place the client comes. */
  decide(live: LiveRequest, counterpart: Counterpart | null): WorldDecision | null {
    const { world, upgrade, nonce, facts, reuse } = this.#options;
    const handshake = {
      params: live.params,
      upgrade,
      recorded: counterpart?.connection ?? null,
      nonce,
      nowMs: facts.nowMs(),
    };
    this.#decision = deriveHandshake(world, counterpart, handshake, reuse);
    return this.#decision;
  }

  /** Says what was decided, and nothing where that is not known. `onHello` is told which recorded hello-ok was made into this one. */
  announce(
    live: LiveRequest,
    derived: WorldDecision,
    onHello: (connection: ScriptedConnection) => void,
  ): void {
    const { world, scripts, link, correlation, facts } = this.#options;
    const { decision, question } = derived;
    if (decision.kind === "unknown") return;
    let token: string | null = null;
    if (decision.kind === "refused") {
      const { error, close } = decision;
      const text = JSON.stringify({ type: "res", id: live.id, ok: false, error });
      link.send({ type: "text", text });
      link.send({ type: "close", ...close });
    } else {
      const issued = question?.device ? world.issuedToken(question.device.id) : null;
      const hello = deriveHello(scripts, decision, issued, facts.nowMs());
      if (hello === null) {
        const missing = "what its hello-ok says: none is recorded";
        this.#decision = { ...derived, decision: { kind: "unknown", missing } };
        return;
      }
      token = hello.token;
      onHello(hello.connection);
      const changes = { liveId: live.id, seq: null, correlation, facts };
      const { text, read } = renderFrame(hello.action, hello.frame, changes);
      link.send({ type: "text", text }, read);
      this.admit({ role: decision.role, scopes: decision.scopes });
    }
    world.note(derived, token);
  }

  /** From here on calls are answered as that caller's, where the Gateway's rules are known. */
  admit(caller: Caller): void {
    const { rules } = this.#options.world;
    this.#answers = rules === null ? null : new DerivedAnswers({ ...this.#options, rules, caller });
  }

  /** True when the rules refuse a call. Answers nothing. */
  refuses(live: LiveRequest): boolean {
    return this.#answers?.refuses(live) === true;
  }

  /** Answers a call, or says what would have to be known; null when no call can be answered. */
  answer(live: LiveRequest, except: ScriptedConnection | null): DerivedNote | null {
    if (live.id === null) return null;
    return this.#answers?.answer(live, except) ?? null;
  }
}
