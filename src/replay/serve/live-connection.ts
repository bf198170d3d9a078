import { randomUUID } from "node:crypto";
import { parseConnect } from "../../gateway/connect.ts";
import { headerValue } from "../../wire/message.ts";
import type { Counterpart, LiveConnect, UpgradeHead } from "../match/counterparts.ts";
import { Correlation, type LiveFacts } from "../play/render-frame.ts";
import { LiveDerivation, type DerivedNote } from "../derive/live-derivation.ts";
import { ConnectionPlayer, type ClientLink } from "../play/player.ts";
import { RequestBook, type LiveRequest, type RequestMatch } from "../match/request-book.ts";
import type { Act, ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import type { SharedState } from "./replayed-gateway.ts";
import { errorAnswer, noneIsLeft, notKnown, notRecorded, type Refusal } from "./refuse.ts";
import type { Connection } from "../../trace/model.ts";
import {
  neverAsked,
  tieCall,
  tieConnection,
  type HeardCall,
  type TiedConnection,
} from "../verdict/compare.ts";

/** One live client and the recorded connection that is played to it. Knows messages, no sockets. */
export class LiveConnection {
  readonly id: number;
  readonly #link: ClientLink;
  readonly #shared: SharedState;
  readonly #derivation: LiveDerivation;
  readonly #host: string | null;
  readonly #nonce = randomUUID();
  readonly #facts: LiveFacts;
  readonly #calls: HeardCall[] = [];
  #spoke = false;
  #connect: LiveConnect | null = null;
  #counterpart: Counterpart | null = null;
  #player: ConnectionPlayer | null = null;
  #book: RequestBook | null = null;
  /** The last `seq` that was sent while nothing recorded is played. */
  #seq = 0;
  #silence: NodeJS.Timeout | null = null;

  constructor(id: number, link: ClientLink, shared: SharedState, upgrade: UpgradeHead) {
    this.id = id;
    this.#host = headerValue(upgrade.headers, "host");
    this.#link = link;
    this.#shared = shared;
    const correlation = new Correlation(shared.correlation);
    const { nowMs, shiftsTimes } = shared;
    this.#facts = { correlation, connId: randomUUID(), nowMs, shiftsTimes };
    this.#derivation = new LiveDerivation({
      world: shared.world,
      reuse: shared.match.reuse,
      link,
      facts: this.#facts,
      upgrade,
      takeSeq: (step) => this.#player?.takeSeq(step) ?? (this.#seq += step),
      nonce: this.#nonce,
    });
  }

  /** True until the client's first message says which recorded connection it may be. */
  get isArriving(): boolean {
    return !this.#spoke && this.#counterpart === null;
  }

  /** Sends the challenge, fresh. A client that then says nothing gets what a silent recorded one got. */
  greet(): void {
    const { counterparts, maxWaitMs, nowMs } = this.#shared;
    const recorded = counterparts.open.find(({ challenge }) => challenge !== null)?.challenge ?? {};
    const payload = { ...recorded, nonce: this.#nonce, ts: nowMs() };
    this.#link.say({ type: "event", event: "connect.challenge", payload });
    // The recorded Gateway may have lost patience with a client that said nothing.
    this.#silence = setTimeout(() => {
      const counterpart = this.#takeSilent(({ actions }) => actions.length > 0);
      if (counterpart !== null) this.playFromStart(counterpart);
    }, maxWaitMs);
  }

  /** Plays a recorded connection that is known to be meant from its beginning. */
  playFromStart(counterpart: Counterpart): void {
    this.#counterpart = counterpart;
    this.#startPlayer(counterpart);
  }

  /** Takes in what the client said, which is that entry of the replay's own recording. */
  hear(live: LiveRequest, entry: number): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    if (this.#spoke || this.#counterpart !== null) return this.#hearRequest(live, entry);
    this.#spoke = true;
    if (live.method === "connect") this.#hearConnect(live);
    else this.#hearStranger(live, entry);
  }

  /** The client is gone. */
  stop(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    if (this.isArriving) this.#counterpart = this.#takeSilent(() => true);
    this.#player?.stop();
  }

  /** How it is tied to the recording so far, told what was said on it; null while the client has not said who it is. */
  tie(live: Connection | null): TiedConnection | null {
    const counterpart = this.#counterpart;
    if (counterpart === null && !this.#spoke) return null;
    const calls = [...this.#calls.map(tieCall), ...this.#unasked().map(neverAsked)];
    return tieConnection(live, counterpart, this.#derivation.decision, calls);
  }

  #unasked(): readonly ScriptedRequest[] {
    if (this.#counterpart === null || this.#counterpart.again) return [];
    const { connection } = this.#counterpart;
    const isDerived = this.#player === null && this.#derivation.canAnswer;
    if (isDerived || this.#player?.connection === connection)
      return [...(this.#book?.unasked ?? [])];
    // Another client took what was lent to this one, and it has asked nothing since.
    return connection.requests.filter(({ method }) => method !== "connect");
  }

  #hearConnect(live: LiveRequest): void {
    const { counterparts } = this.#shared;
    const identity = parseConnect(live.params);
    this.#connect = identity === null ? null : { identity, params: live.params };
    const counterpart = this.#connect === null ? null : counterparts.findForConnect(this.#connect);
    this.#counterpart = counterpart;
    if (this.#playDerived(live, counterpart)) return;
    const connect = counterpart?.connection.requests[0];
    if (counterpart === null || connect === undefined) {
      const nearest = this.#connect === null ? null : counterparts.nearest(this.#connect);
      return this.#refuse(live, noneIsLeft(identity, nearest));
    }
    this.#learnDevice(counterpart.connection);
    this.#startPlayer(counterpart).ask(connect, live);
    this.#book?.tickOff(connect);
    this.#derivation.admit({
      role: this.#connect?.identity.role ?? "operator",
      scopes: counterpart.connection.traced.scopes.effective,
    });
  }

  /** Answers `connect` where the recorded answer is not the answer to it: by the rules, or with what is not known. True when it did. */
  #playDerived(live: LiveRequest, counterpart: Counterpart | null): boolean {
    const derived = this.#derivation.decide(live, counterpart);
    if (derived === null) return false;
    const connect = counterpart?.connection.requests[0];
    if (counterpart !== null) {
      this.#book = new RequestBook(counterpart.connection, this.#shared.match);
      if (connect !== undefined) this.#book.tickOff(connect);
      this.#learnDevice(counterpart.connection);
    }
    this.#derivation.announce(live, derived, (connection) => this.#learnHost(connection));
    const { decision } = this.#derivation.decision ?? derived;
    if (decision.kind === "unknown") this.#refuse(live, notKnown(live.method, decision.missing));
    return true;
  }

  #refuse(live: LiveRequest, why: Refusal): void {
    this.#link.say(errorAnswer(live.id ?? "", why));
    this.#link.send({ type: "close", code: 1008, reason: why.close });
  }

  #hearStranger(live: LiveRequest, entry: number): void {
    this.#counterpart = this.#shared.counterparts.findForStranger(live);
    if (this.#counterpart === null) {
      this.#note(live, entry, { kind: "unmatched", nearest: null });
      this.#link.send({ type: "close", code: 1008, reason: "not in the recording" });
      return;
    }
    this.#startPlayer(this.#counterpart);
    this.#hearRequest(live, entry);
  }

  #hearRequest(live: LiveRequest, entry: number): void {
    const isDerived = this.#derivation.decision !== null && this.#player === null;
    if (!isDerived && this.#counterpart !== null && this.#connect !== null) {
      this.#settle(this.#counterpart, this.#connect, live);
    }
    const match = this.#book?.match(live) ?? { kind: "unmatched", nearest: null };
    // Refused then and now: for want of a scope, whatever the params.
    const isRefused =
      match.kind === "differing" &&
      match.request.answer?.ok === false &&
      this.#derivation.refuses(live);
    if (isDerived || isRefused || match.kind === "unmatched") {
      return this.#answerDerived(live, entry, match);
    }
    const { answer, unseen } = match.request;
    if (answer === null && unseen !== null) {
      return this.#answerDerived(live, entry, match, unseen);
    }
    this.#note(live, entry, match);
    if (match.kind === "again") return this.#player?.answerAgain(match.request, live);
    this.#book?.tickOff(match.request);
    this.#player?.ask(match.request, live);
  }

  /** Answers by the rules or what others got, or says what is not known. `unseen` says why the recorded answer is not. */
  #answerDerived(
    live: LiveRequest,
    entry: number,
    match: RequestMatch,
    unseen: string | null = null,
  ): void {
    const request = match.kind === "unmatched" ? null : match.request;
    if (request !== null) this.#book?.tickOff(request);
    const { reuse } = this.#shared.match;
    const except = reuse ? null : (this.#player?.connection ?? null);
    const derived = this.#derivation.answer(live, except);
    const note =
      derived?.source || unseen === null
        ? derived
        : { source: null, missing: unseen, aftermath: null };
    this.#note(live, entry, match, note);
    if (!note?.source) this.#miss(live, match, note?.missing ?? null);
    // What came after it was recorded, and has to come.
    if (request !== null && unseen !== null) this.#player?.ask(request, live);
  }

  #miss(live: LiveRequest, match: RequestMatch, missing: string | null): void {
    const { onMiss } = this.#shared;
    if (onMiss === "close") {
      this.#link.send({ type: "close", code: 1008, reason: "not in the recording" });
    } else if (onMiss === "error" && live.id !== null) {
      const isUnmatched = match.kind === "unmatched";
      const why =
        isUnmatched || missing === null
          ? notRecorded(live, isUnmatched ? match.nearest : null)
          : notKnown(live.method, missing);
      this.#link.say(errorAnswer(live.id, why));
    }
  }

  /** The first request may show that another recorded connection of the same client is meant. */
  #settle(counterpart: Counterpart, own: LiveConnect, live: LiveRequest): void {
    this.#shared.counterparts.settle(counterpart, own, live);
    const before = this.#player;
    if (before === null || before.connection === counterpart.connection) return;
    const connect = counterpart.connection.requests[0];
    before.stop();
    const heard = new Set(before.performed.map(({ act }) => eventName(act)));
    const player = this.#startPlayer(counterpart, before.seq);
    if (connect === undefined) return;
    this.#book?.tickOff(connect);
    player.resume(connect, (action) => action.answers !== null || heard.has(eventName(action.act)));
  }

  #startPlayer(counterpart: Counterpart, seq = 0): ConnectionPlayer {
    const options = { ...this.#shared, facts: this.#facts };
    this.#learnHost(counterpart.connection);
    this.#book = new RequestBook(counterpart.connection, options.match);
    this.#player = new ConnectionPlayer(counterpart.connection, this.#link, options, seq);
    this.#player.play();
    return this.#player;
  }

  // hello-ok names addresses of the Gateway as the client reached it.
  #learnHost({ upgrade }: ScriptedConnection): void {
    this.#facts.correlation.learn(headerValue(upgrade?.headers ?? [], "host"), this.#host);
  }

  // The device identity is the client's own; presence and pairing lists say it back.
  #learnDevice({ traced }: ScriptedConnection): void {
    const theirs = traced.handshake.connect?.device;
    this.#facts.correlation.learn(theirs?.id, this.#connect?.identity.device?.id);
  }

  #takeSilent(isMeant: (connection: ScriptedConnection) => boolean): Counterpart | null {
    const { counterparts } = this.#shared;
    const silent = counterparts.open.find(
      (connection) =>
        connection.challenge !== null && connection.requests.length === 0 && isMeant(connection),
    );
    return silent === undefined ? null : counterparts.take(silent);
  }

  #note(
    { method }: LiveRequest,
    liveEntry: number,
    match: RequestMatch,
    note: DerivedNote | null = null,
  ): void {
    this.#calls.push({
      method: match.kind === "unmatched" ? method : null,
      liveEntry,
      match,
      note,
    });
  }
}

function eventName(act: Act): unknown {
  return act.type === "frame" ? act.frame["event"] : undefined;
}
