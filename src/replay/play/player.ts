import type { ParsedFrame } from "../../gateway/frame.ts";
import type { Message } from "../../wire/message.ts";
import { Correlation } from "./correlation.ts";
import { ActionQueue } from "./action-queue.ts";
import { measureDelays, Pace } from "./pace.ts";
import { renderFrame, type LiveFacts } from "./render-frame.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { ScriptedAction, ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import type { Speed, Wait } from "./speed.ts";
import type { Progress } from "./progress.ts";

/** Where a player's lines go: the live client. */
export interface ClientLink {
  send(message: Message, frame?: ParsedFrame): void;
  /** Ends the TCP connection without a close frame; the client sees 1006. */
  drop(): void;
}

/** What a player needs to know of the replay as a whole. */
export interface PlayerOptions {
  readonly progress: Progress;
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
  readonly #link: ClientLink;
  readonly #options: PlayerOptions;
  readonly #queue: ActionQueue;
  readonly #pace: Pace;
  readonly #happened = new Set<number>();
  readonly #liveIds = new Map<number, string>();
  readonly #heldSinceMs = new Map<ScriptedAction, number>();
  readonly #overdue = new Set<ScriptedAction>();
  #sent = 0;
  #seq: number;
  #timer: NodeJS.Timeout | null = null;
  #over = false;

  constructor(
    connection: ScriptedConnection,
    link: ClientLink,
    options: PlayerOptions,
    /** The last `seq` that this client was sent. */
    seq = 0,
  ) {
    this.connection = connection;
    this.#link = link;
    this.#options = options;
    this.#queue = new ActionQueue(connection);
    const delaysMs = measureDelays(connection.actions, options.speed, options.maxWaitMs);
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
  get performed(): readonly ScriptedAction[] {
    return this.connection.actions.filter(({ entry }) => this.#happened.has(entry));
  }

  /** Takes note that the live client asked what is recorded as `request`, and plays what that sets off. */
  ask(request: ScriptedRequest, live: LiveRequest): void {
    const { correlation } = this.#options;
    correlation.learnFrom(request.params, live.params);
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    // A client that still asks is not waiting for the end.
    for (const action of this.#heldSinceMs.keys())
      if (isEnding(action)) this.#heldSinceMs.delete(action);
    this.#note(request.entry);
    this.play();
  }

  /** Answers a request again that was answered before, without the events around it. */
  answerAgain(request: ScriptedRequest, live: LiveRequest): void {
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    for (const action of this.connection.actions)
      if (action.answers === request.entry) this.#perform(action);
  }

  /**
   * Goes on from a player that was stopped after the handshake: what `isDone` says was sent by that one, the answer to
   * `connect` and events that came with it.
   */
  resume(connect: ScriptedRequest, isDone: (action: ScriptedAction) => boolean): void {
    this.#note(connect.entry);
    for (;;) {
      const action = this.#queue.take(
        (candidate) => this.#didFollow(candidate) && isDone(candidate),
      );
      if (action === null) break;
      this.#sent += 1;
      this.#note(action.entry);
    }
    this.play();
  }

  /** Sends all whose turn has come. */
  play(): void {
    if (this.#over) return;
    for (;;) {
      const action = this.#queue.take((candidate) => this.#isReady(candidate));
      if (action === null) break;
      this.#perform(action);
      this.#sent += 1;
      this.#note(action.entry);
    }
    this.#armTimer();
  }

  /** The live client is gone: nothing more is sent. */
  stop(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #isReady(action: ScriptedAction): boolean {
    if (!this.#mayBeSent(action)) return false;
    if (this.#overdue.has(action)) return true;
    return (
      this.#didFollow(action) &&
      this.#pace.isTime(action) &&
      this.#isAwaitedDone(action) &&
      this.#isTimeToEnd(action)
    );
  }

  /** What may never be broken: no answer without its request, no news of a call that was not made. */
  #mayBeSent(action: ScriptedAction): boolean {
    if (action.answers !== null && !this.#happened.has(action.answers)) return false;
    if (action.because !== null) return this.#happened.has(action.because);
    return this.#didFollow(action);
  }

  #didFollow(action: ScriptedAction): boolean {
    return action.follows === null || this.#happened.has(action.follows);
  }

  #isAwaitedDone({ awaits }: ScriptedAction): boolean {
    if (awaits === null) return true;
    const { recording } = this.connection;
    return this.#options.progress.hasHappened(recording, awaits.entry, () => this.play());
  }

  /** The Gateway ends a connection after all else that was said on it. */
  #isTimeToEnd(action: ScriptedAction): boolean {
    if (!isEnding(action)) return true;
    const { requests, actions } = this.connection;
    return (
      this.#sent === actions.indexOf(action) &&
      requests.every(({ entry }) => entry > action.entry || this.#happened.has(entry))
    );
  }

  #note(entry: number): void {
    this.#happened.add(entry);
    this.#queue.happened(entry);
    this.#options.progress.note(this.connection.recording, entry);
  }

  #perform(action: ScriptedAction): void {
    const { act } = action;
    if (act.type === "drop") return this.#link.drop();
    if (act.type === "message") return this.#link.send(act.message);
    if (action.seqStep !== null) this.#seq += action.seqStep;
    const { text, read } = renderFrame(action, act.frame, {
      liveId: action.answers === null ? null : (this.#liveIds.get(action.answers) ?? null),
      seq: action.seqStep === null ? null : this.#seq,
      correlation: this.#options.correlation,
      facts: this.#options.facts,
    });
    this.#link.send({ type: "text", text }, read);
  }

  /** Nothing waits for ever: what could be sent but for its place in the order is sent after `maxWaitMs`. */
  #armTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#queue.held.length === 0) return;
    const nowMs = performance.now();
    let earliestMs = Infinity;
    for (const action of this.#queue.held) {
      // What is on its way in its own time is not held back.
      if (this.#pace.isWaiting(action)) this.#heldSinceMs.delete(action);
      if (this.#pace.isWaiting(action) || !this.#mayBeSent(action)) continue;
      const sinceMs = this.#heldSinceMs.get(action) ?? nowMs;
      this.#heldSinceMs.set(action, sinceMs);
      earliestMs = Math.min(earliestMs, sinceMs);
    }
    if (earliestMs === Infinity) return;
    const delayMs = Math.max(0, earliestMs + this.#options.maxWaitMs - nowMs);
    this.#timer = setTimeout(() => this.#release(), delayMs);
  }

  #release(): void {
    const dueMs = performance.now() - this.#options.maxWaitMs;
    for (const [action, sinceMs] of this.#heldSinceMs) {
      if (sinceMs <= dueMs + 1) this.#overdue.add(action);
    }
    this.play();
  }
}

function isEnding({ act }: ScriptedAction): boolean {
  return act.type === "drop" || (act.type === "message" && act.message.type === "close");
}
