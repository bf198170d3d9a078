import type { Message } from "../../wire/message.ts";
import { Correlation } from "./correlation.ts";
import { CueQueue } from "./cue-queue.ts";
import { measureDelays, Pace } from "./pace.ts";
import { renderFrame, type LiveFacts } from "./render-frame.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { Cue, ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import type { Speed, Wait } from "./speed.ts";
import type { Stage } from "./stage.ts";

/** Where a player's lines go: the live client. */
export interface Audience {
  send(message: Message): void;
  /** Ends the TCP connection without a close frame; the client sees 1006. */
  drop(): void;
}

/** What a player needs to know of the replay as a whole. */
export interface PlayerOptions {
  readonly stage: Stage;
  readonly correlation: Correlation;
  readonly facts: LiveFacts;
  /** How long something is held back for what it followed in the recording, when its own cause has happened. */
  readonly maxWaitMs: number;
  readonly speed: Speed;
  /** Lets a delay pass; a timer unless given. */
  readonly wait?: Wait | undefined;
}

/** Plays the Gateway's side of one recorded connection: each thing once what it followed has happened. */
export class ConnectionPlayer {
  readonly connection: ScriptedConnection;
  readonly #audience: Audience;
  readonly #options: PlayerOptions;
  readonly #queue: CueQueue;
  readonly #pace: Pace;
  readonly #happened = new Set<number>();
  readonly #liveIds = new Map<number, string>();
  readonly #heldSinceMs = new Map<Cue, number>();
  readonly #overdue = new Set<Cue>();
  #sent = 0;
  #seq: number;
  #timer: NodeJS.Timeout | null = null;
  #over = false;

  constructor(
    connection: ScriptedConnection,
    audience: Audience,
    options: PlayerOptions,
    /** The last `seq` that this client was sent. */
    seq = 0,
  ) {
    this.connection = connection;
    this.#audience = audience;
    this.#options = options;
    this.#queue = new CueQueue(connection);
    const delaysMs = measureDelays(connection.cues, options.speed, options.maxWaitMs);
    this.#pace = new Pace(delaysMs, options.wait, () => this.play());
    this.#seq = seq;
  }

  /** The last `seq` sent to the live client. */
  get seq(): number {
    return this.#seq;
  }

  /** Goes on in `seq` for an event that is not of this recorded connection, and gives its number. */
  takeSeq(step: number): number {
    this.#seq += step;
    return this.#seq;
  }

  /** What was sent so far. */
  get performed(): readonly Cue[] {
    return this.connection.cues.filter(({ entry }) => this.#happened.has(entry));
  }

  /** Takes note that the live client asked what is recorded as `request`, and plays what that sets off. */
  ask(request: ScriptedRequest, live: LiveRequest): void {
    const { correlation } = this.#options;
    correlation.learnFrom(request.params, live.params);
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    // A client that still asks is not waiting for the end.
    for (const cue of this.#heldSinceMs.keys()) if (isEnding(cue)) this.#heldSinceMs.delete(cue);
    this.#note(request.entry);
    this.play();
  }

  /** Answers a request again that was answered before, without the events around it. */
  answerAgain(request: ScriptedRequest, live: LiveRequest): void {
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    for (const cue of this.connection.cues) if (cue.answers === request.entry) this.#perform(cue);
  }

  /**
   * Goes on from a player that was stopped after the handshake: what `isDone` says was sent by that one, the answer to
   * `connect` and events that came with it.
   */
  resume(connect: ScriptedRequest, isDone: (cue: Cue) => boolean): void {
    this.#note(connect.entry);
    for (;;) {
      const cue = this.#queue.take((candidate) => this.#didFollow(candidate) && isDone(candidate));
      if (cue === null) break;
      this.#sent += 1;
      this.#note(cue.entry);
    }
    this.play();
  }

  /** Sends all whose turn has come. */
  play(): void {
    if (this.#over) return;
    for (;;) {
      const cue = this.#queue.take((candidate) => this.#isReady(candidate));
      if (cue === null) break;
      this.#perform(cue);
      this.#sent += 1;
      this.#note(cue.entry);
    }
    this.#armTimer();
  }

  /** The live client is gone: nothing more is sent. */
  stop(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #isReady(cue: Cue): boolean {
    if (!this.#mayBeSent(cue)) return false;
    if (this.#overdue.has(cue)) return true;
    return (
      this.#didFollow(cue) &&
      this.#pace.isTime(cue) &&
      this.#isAwaitedDone(cue) &&
      this.#isTimeToEnd(cue)
    );
  }

  /** What may never be broken: no answer without its request, no news of a call that was not made. */
  #mayBeSent(cue: Cue): boolean {
    if (cue.answers !== null && !this.#happened.has(cue.answers)) return false;
    if (cue.because !== null) return this.#happened.has(cue.because);
    return this.#didFollow(cue);
  }

  #didFollow(cue: Cue): boolean {
    return cue.follows === null || this.#happened.has(cue.follows);
  }

  #isAwaitedDone({ awaits }: Cue): boolean {
    if (awaits === null) return true;
    const { recording } = this.connection;
    return this.#options.stage.hasHappened(recording, awaits.entry, () => this.play());
  }

  /** The Gateway ends a connection after all else that was said on it. */
  #isTimeToEnd(cue: Cue): boolean {
    if (!isEnding(cue)) return true;
    const { requests, cues } = this.connection;
    return (
      this.#sent === cues.indexOf(cue) &&
      requests.every(({ entry }) => entry > cue.entry || this.#happened.has(entry))
    );
  }

  #note(entry: number): void {
    this.#happened.add(entry);
    this.#queue.happened(entry);
    this.#options.stage.note(this.connection.recording, entry);
  }

  #perform(cue: Cue): void {
    const { act } = cue;
    if (act.type === "drop") return this.#audience.drop();
    if (act.type === "message") return this.#audience.send(act.message);
    if (cue.seqStep !== null) this.#seq += cue.seqStep;
    const text = renderFrame(cue, act.frame, {
      liveId: cue.answers === null ? null : (this.#liveIds.get(cue.answers) ?? null),
      seq: cue.seqStep === null ? null : this.#seq,
      correlation: this.#options.correlation,
      facts: this.#options.facts,
    });
    this.#audience.send({ type: "text", text });
  }

  /** Nothing waits for ever: what could be sent but for its place in the order is sent after `maxWaitMs`. */
  #armTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#queue.held.length === 0) return;
    const nowMs = performance.now();
    let earliestMs = Infinity;
    for (const cue of this.#queue.held) {
      // What is on its way in its own time is not held back.
      if (this.#pace.isWaiting(cue)) this.#heldSinceMs.delete(cue);
      if (this.#pace.isWaiting(cue) || !this.#mayBeSent(cue)) continue;
      const sinceMs = this.#heldSinceMs.get(cue) ?? nowMs;
      this.#heldSinceMs.set(cue, sinceMs);
      earliestMs = Math.min(earliestMs, sinceMs);
    }
    if (earliestMs === Infinity) return;
    const delayMs = Math.max(0, earliestMs + this.#options.maxWaitMs - nowMs);
    this.#timer = setTimeout(() => this.#release(), delayMs);
  }

  #release(): void {
    const dueMs = performance.now() - this.#options.maxWaitMs;
    for (const [cue, sinceMs] of this.#heldSinceMs) {
      if (sinceMs <= dueMs + 1) this.#overdue.add(cue);
    }
    this.play();
  }
}

function isEnding({ act }: Cue): boolean {
  return act.type === "drop" || (act.type === "message" && act.message.type === "close");
}
