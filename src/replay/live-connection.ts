import { randomUUID } from "node:crypto";
import { parseConnect } from "../gateway/connect.ts";
import { parseFrame } from "../gateway/frame.ts";
import { headerValue } from "../wire/message.ts";
import type { Cast, Casting } from "./casting.ts";
import type { LiveConnect } from "./compare-connect.ts";
import { Correlation } from "./correlation.ts";
import { ConnectionPlayer, type Audience } from "./player.ts";
import { isTooDeep } from "../gateway/json-object.ts";
import {
  RequestBook,
  type LiveRequest,
  type MatchOptions,
  type RequestMatch,
} from "./request-book.ts";
import type { CueAct, ScriptedConnection, ScriptedRequest } from "./script.ts";
import type { LiveUpgrade } from "./upgrade-match.ts";
import type { Stage } from "./stage.ts";
import { refuseConnect, refuseRequest } from "./refuse.ts";
import { clientLabel, neverAsked, type PlayedConnection, type PlayedRpc } from "./verdict.ts";

/** What all live connections of a replay share. */
export interface Company {
  readonly casting: Casting;
  readonly stage: Stage;
  readonly correlation: Correlation;
  readonly match: MatchOptions;
  readonly maxWaitMs: number;
  readonly nowMs: () => number;
}

/** One live client and the recorded connection that is played to it. Knows messages, no sockets. */
export class LiveConnection {
  readonly id: number;
  readonly #audience: Audience;
  readonly #company: Company;
  readonly #correlation: Correlation;
  readonly #host: string | null;
  readonly #connId = randomUUID();
  readonly #rpcs: PlayedRpc[] = [];
  #spoke = false;
  #connect: LiveConnect | null = null;
  #cast: Cast | null = null;
  #player: ConnectionPlayer | null = null;
  #book: RequestBook | null = null;
  #silence: NodeJS.Timeout | null = null;

  constructor(id: number, audience: Audience, company: Company, upgrade: LiveUpgrade) {
    this.id = id;
    this.#host = headerValue(upgrade.headers, "host");
    this.#audience = audience;
    this.#company = company;
    this.#correlation = new Correlation(company.correlation);
  }

  /** True until the client's first message says which recorded connection it may be. */
  get isArriving(): boolean {
    return !this.#spoke && this.#cast === null;
  }

  /** Sends the challenge, fresh. A client that then says nothing gets what a silent recorded one got. */
  greet(): void {
    const { casting, maxWaitMs, nowMs } = this.#company;
    const recorded = casting.open.find(({ challenge }) => challenge !== null)?.challenge ?? {};
    const payload = { ...recorded, nonce: randomUUID(), ts: nowMs() };
    this.#send({ type: "event", event: "connect.challenge", payload });
    this.#silence = setTimeout(() => this.#playSilent(), maxWaitMs);
  }

  /** Plays a recorded connection that is known to be meant from its beginning. */
  playFromStart(cast: Cast): void {
    this.#cast = cast;
    this.#startPlayer(cast);
  }

  /** Takes in a message of the client. */
  hear(text: string): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    const live = readRequest(text);
    if (this.#spoke || this.#cast !== null) return this.#hearRequest(live);
    this.#spoke = true;
    if (live.method === "connect") this.#hearConnect(live);
    else this.#hearStranger(live);
  }

  /** The client is gone. */
  stop(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    if (this.isArriving) this.#cast = this.#castSilent(() => true);
    this.#player?.stop();
  }

  /** What was played so far; null while the client has not said who it is. */
  get played(): PlayedConnection | null {
    const cast = this.#cast;
    if (cast === null && !this.#spoke) return null;
    const isSame = cast !== null && cast.differences.length === 0;
    return {
      live: this.id,
      recording: cast?.connection.recording ?? null,
      connection: cast?.connection.id ?? null,
      client: clientLabel(this.#connect?.identity ?? null),
      as: playedAs(cast),
      grade: isSame ? "recorded" : "unknown",
      differences: cast?.differences ?? [],
      rpcs: [...this.#rpcs, ...this.#unasked().map(neverAsked)],
    };
  }

  #unasked(): readonly ScriptedRequest[] {
    if (this.#cast === null || this.#cast.again) return [];
    const { connection } = this.#cast;
    if (this.#player?.connection === connection) return [...(this.#book?.unasked ?? [])];
    // Another client took what was lent to this one, and it has asked nothing since.
    return connection.requests.filter(({ method }) => method !== "connect");
  }

  #hearConnect(live: LiveRequest): void {
    const { casting } = this.#company;
    const identity = parseConnect(live.params);
    this.#connect = identity === null ? null : { identity, params: live.params };
    const cast = this.#connect === null ? null : casting.castConnect(this.#connect);
    const connect = cast?.connection.requests[0];
    if (cast === null || connect === undefined) {
      const nearest = this.#connect === null ? null : casting.nearest(this.#connect);
      for (const message of refuseConnect(live, identity, nearest)) {
        this.#audience.send(message);
      }
      return;
    }
    this.#cast = cast;
    this.#learnDevice(connect, live);
    this.#startPlayer(cast).ask(connect, live);
    this.#book?.tickOff(connect);
  }

  #hearStranger(live: LiveRequest): void {
    this.#cast = this.#company.casting.castStranger(live);
    if (this.#cast === null) {
      this.#noteRpc(live, { kind: "unmatched", nearest: null });
      this.#audience.send({ type: "close", code: 1008, reason: "not in the recording" });
      return;
    }
    this.#startPlayer(this.#cast);
    this.#hearRequest(live);
  }

  #hearRequest(live: LiveRequest): void {
    if (this.#cast !== null && this.#connect !== null) {
      this.#settle(this.#cast, this.#connect, live);
    }
    const match = this.#book?.match(live) ?? { kind: "unmatched", nearest: null };
    this.#noteRpc(live, match);
    if (match.kind === "unmatched") {
      const refusal = refuseRequest(live, match.nearest);
      if (refusal !== null) this.#audience.send(refusal);
      return;
    }
    if (match.kind === "again") return this.#player?.answerAgain(match.request, live);
    this.#book?.tickOff(match.request);
    this.#player?.ask(match.request, live);
  }

  /** The first request may show that another recorded connection of the same client is meant. */
  #settle(cast: Cast, own: LiveConnect, live: LiveRequest): void {
    this.#company.casting.settle(cast, own, live);
    const before = this.#player;
    if (before === null || before.connection === cast.connection) return;
    const connect = cast.connection.requests[0];
    before.stop();
    const heard = new Set(before.performed.map(({ act }) => eventName(act)));
    const player = this.#startPlayer(cast, before.seq);
    if (connect === undefined) return;
    this.#book?.tickOff(connect);
    player.resume(connect, (cue) => cue.answers !== null || heard.has(eventName(cue.act)));
  }

  #startPlayer(cast: Cast, seq = 0): ConnectionPlayer {
    const { stage, match, maxWaitMs, nowMs } = this.#company;
    const facts = { connId: this.#connId, nowMs };
    const options = { stage, correlation: this.#correlation, facts, maxWaitMs };
    // hello-ok names addresses of the Gateway as the client reached it.
    const recordedHost = headerValue(cast.connection.upgrade?.headers ?? [], "host");
    if (recordedHost !== null && this.#host !== null) {
      this.#correlation.learn(recordedHost, this.#host);
    }
    this.#book = new RequestBook(cast.connection, match);
    this.#player = new ConnectionPlayer(cast.connection, this.#audience, options, seq);
    this.#player.play();
    return this.#player;
  }

  // The device identity is the client's own; presence and pairing lists say it back.
  #learnDevice(recorded: ScriptedRequest, live: LiveRequest): void {
    const theirs = parseConnect(recorded.params)?.device;
    const ours = parseConnect(live.params)?.device;
    if (theirs && ours) this.#correlation.learn(theirs.id, ours.id);
  }

  /** The recorded Gateway may have lost patience with a client that said nothing. */
  #playSilent(): void {
    const cast = this.#castSilent(({ cues }) => cues.length > 0);
    if (cast !== null) this.playFromStart(cast);
  }

  #castSilent(isMeant: (connection: ScriptedConnection) => boolean): Cast | null {
    const { casting } = this.#company;
    const silent = casting.open.find(
      (connection) =>
        connection.challenge !== null && connection.requests.length === 0 && isMeant(connection),
    );
    return silent === undefined ? null : casting.take(silent);
  }

  #noteRpc(live: LiveRequest, match: RequestMatch): void {
    const request = match.kind === "unmatched" ? null : match.request;
    this.#rpcs.push({
      method: live.method,
      as: match.kind,
      grade: match.kind === "same" || match.kind === "again" ? "recorded" : "unknown",
      entry: request?.entry ?? null,
      recorded: request?.answer ?? null,
      difference: match.kind === "differing" ? match.difference : null,
      nearest: match.kind === "unmatched" ? match.nearest : null,
    });
  }

  #send(frame: object): void {
    this.#audience.send({ type: "text", text: JSON.stringify(frame) });
  }
}

function readRequest(text: string): LiveRequest {
  const parsed = isTooDeep(text) ? null : parseFrame(text);
  if (!parsed?.ok || parsed.frame.type !== "req") {
    return { id: null, method: null, params: undefined, text };
  }
  const { id, method, params } = parsed.frame;
  return { id, method, params, text };
}

function playedAs(cast: Cast | null): PlayedConnection["as"] {
  if (cast === null) return "unmatched";
  if (cast.differences.length > 0) return "differing";
  return cast.again ? "again" : "same";
}

function eventName(act: CueAct): unknown {
  return act.type === "frame" ? act.frame["event"] : undefined;
}
