import type { ParsedFrame } from "../../gateway/frame.ts";
import type { Message } from "../../wire/message.ts";
import type { LiveRequest } from "../match/request-book.ts";
import {
  isEnding,
  type ScriptedAction,
  type ScriptedConnection,
  type ScriptedRequest,
} from "../script/script.ts";
import { renderFrame, type LiveFacts } from "./render-frame.ts";
import {
  HeldActions,
  type Progress,
  measureDelays,
  waitUnheld,
  type Speed,
  type Wait,
} from "./waiting.ts";

/** The live client, as somebody to send to. */
export interface ClientLink {
  /** Sends a message; `read` is its frame, where that is known. */
  readonly send: (message: Message, read?: ParsedFrame) => void;
  /** Sends a frame. */
  readonly say: (frame: object) => void;
  /** Ends the TCP connection without a close frame; the client sees 1006. */
  readonly drop: () => void;
}

/** What a player needs to know of the replay as a whole. */
export interface PlayerOptions {
  readonly progress: Progress;
  readonly facts: LiveFacts;
  /** How long something is held back for what it followed in the recording, when its own cause has happened. */
  readonly maxWaitMs: number;
  readonly speed: Speed;
  /** Lets a delay pass; a timer unless given. */
  readonly wait?: Wait | undefined;
}

/**
 * Plays the Gateway's side of one recorded connection: each action once what it followed has happened. Each is looked at when something
 * happens that it depends on, and at no other time, so the work does not grow with what waits.
 */
export class ConnectionPlayer {
  readonly connection: ScriptedConnection;
  readonly #link: ClientLink;
  readonly #options: PlayerOptions;
  /** What depends on each entry, in recorded order; null stands for the beginning. */
  readonly #dependents: ReadonlyMap<number | null, readonly ScriptedAction[]>;
  readonly #delaysMs: ReadonlyMap<ScriptedAction, number>;
  /** What waits out its delay, and what has. */
  readonly #delayed = new Map<ScriptedAction, "waiting" | "over">();
  readonly #awaiting = new Set<ScriptedAction>();
  /** What may be sent, in recorded order. */
  #ready: ScriptedAction[] = [];
  /** What could be sent but for its place in the order. */
  readonly #held: HeldActions;
  readonly #happened = new Set<number>();
  readonly #liveIds = new Map<number, string>();
  #sentCount = 0;
  #askedCount = 0;
  #seq: number;
  #isPlaying = false;
  #isOver = false;

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
    this.#dependents = indexDependents(connection.actions);
    this.#delaysMs = measureDelays(connection.actions, options.speed, options.maxWaitMs);
    this.#held = new HeldActions(options.maxWaitMs, (overdue) => this.#release(overdue));
    this.#seq = seq;
    this.#considerDependents(null);
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
    this.#options.facts.correlation.learnFrom(request.params, live.params);
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    const last = this.connection.actions.at(-1);
    // A client that still asks is not waiting for the end.
    if (last !== undefined && isEnding(last)) this.#held.delete(last);
    this.#askedCount += 1;
    this.#note(request.entry);
    this.play();
  }

  /** Answers a request again that was answered before, without the events around it. */
  answerAgain(request: ScriptedRequest, live: LiveRequest): void {
    if (live.id !== null) this.#liveIds.set(request.entry, live.id);
    for (const action of this.#dependents.get(request.entry) ?? []) {
      if (action.answers === request.entry) this.#perform(action);
    }
    this.#forgetId(request.entry);
  }

  /**
   * Goes on from a player that was stopped after the handshake: what `isDone` says was sent by that one, the answer to
   * `connect` and events that came with it.
   */
  resume(connect: ScriptedRequest, isDone: (action: ScriptedAction) => boolean): void {
    this.#askedCount += 1;
    this.#happened.add(connect.entry);
    for (const action of this.connection.actions) {
      if (!this.#mayBeSent(action) || !this.#didFollow(action) || !isDone(action)) continue;
      this.#sentCount += 1;
      this.#happened.add(action.entry);
    }
    for (const entry of this.#happened) this.#note(entry);
    this.play();
  }

  /** Sends all whose turn has come. */
  play(): void {
    if (this.#isOver || this.#isPlaying) return;
    this.#isPlaying = true;
    for (let next = 0; next < this.#ready.length; next++) {
      const action = this.#ready[next];
      if (action === undefined || this.#happened.has(action.entry)) continue;
      this.#perform(action);
      this.#sentCount += 1;
      this.#note(action.entry);
      if (action.answers !== null) this.#forgetId(action.answers);
    }
    this.#ready = [];
    this.#isPlaying = false;
  }

  /** The live client is gone: nothing more is sent. */
  stop(): void {
    this.#isOver = true;
    this.#held.clear();
  }

  /** Takes note that a request was asked or an action done, and looks at what may come after it. */
  #note(entry: number): void {
    this.#happened.add(entry);
    this.#options.progress.note(this.connection.recording, entry);
    this.#considerDependents(entry);
    const last = this.connection.actions.at(-1);
    if (last !== undefined && isEnding(last)) this.#consider(last);
  }

  #considerDependents(entry: number | null): void {
    for (const action of this.#dependents.get(entry) ?? []) this.#consider(action);
  }

  #consider(action: ScriptedAction): void {
    if (this.#happened.has(action.entry) || !this.#mayBeSent(action)) return;
    const didFollow = this.#didFollow(action);
    // What is on its way in its own time is not held back.
    if (didFollow && !this.#isTime(action)) return this.#held.delete(action);
    const isReady = didFollow && this.#isAwaitedDone(action) && this.#isTimeToEnd(action);
    if (isReady) this.#makeReady(action);
    else this.#held.add(action);
  }

  #makeReady(action: ScriptedAction): void {
    this.#held.delete(action);
    let index = this.#ready.length;
    while (index > 0 && (this.#ready[index - 1]?.entry ?? 0) > action.entry) index -= 1;
    this.#ready.splice(index, 0, action);
  }

  /** What may never be broken: no answer without its request, no news of a call that was not made. */
  #mayBeSent(action: ScriptedAction): boolean {
    if (action.answers !== null && !this.#happened.has(action.answers)) return false;
    if (action.because !== null) return this.#happened.has(action.because);
    return this.#didFollow(action);
  }

  #didFollow({ follows }: ScriptedAction): boolean {
    return follows === null || this.#happened.has(follows);
  }

  /** True when its delay is over. The first question begins it. */
  #isTime(action: ScriptedAction): boolean {
    const delayMs = this.#delaysMs.get(action) ?? 0;
    const state = this.#delayed.get(action);
    if (delayMs === 0 || state !== undefined) return state !== "waiting";
    this.#delayed.set(action, "waiting");
    const { wait = waitUnheld } = this.#options;
    void wait(delayMs).then(() => {
      this.#delayed.set(action, "over");
      this.#consider(action);
      this.play();
    });
    return false;
  }

  #isAwaitedDone(action: ScriptedAction): boolean {
    const { awaits } = action;
    const { progress } = this.#options;
    const { recording } = this.connection;
    if (awaits === null || progress.has(recording, awaits.entry)) return true;
    if (!this.#awaiting.has(action)) {
      this.#awaiting.add(action);
      progress.wake(recording, awaits.entry, () => {
        this.#consider(action);
        this.play();
      });
    }
    return false;
  }

  /** The Gateway ends a connection after all else that was said on it. */
  #isTimeToEnd(action: ScriptedAction): boolean {
    if (!isEnding(action)) return true;
    const { requests, actions } = this.connection;
    return this.#sentCount === actions.length - 1 && this.#askedCount >= requests.length;
  }

  #perform(action: ScriptedAction): void {
    const { act } = action;
    if (act.type === "drop") return this.#link.drop();
    if (act.type === "message") return this.#link.send(act.message);
    if (action.seqStep !== null) this.#seq += action.seqStep;
    const liveId = action.answers === null ? null : (this.#liveIds.get(action.answers) ?? null);
    const seq = action.seqStep === null ? null : this.#seq;
    const { text, read } = renderFrame(action, act.frame, { liveId, seq }, this.#options.facts);
    this.#link.send({ type: "text", text }, read);
  }

  /** Few requests are answered twice: the ids of others are not kept. */
  #forgetId(request: number): void {
    const waits = (action: ScriptedAction): boolean =>
      action.answers === request && !this.#happened.has(action.entry);
    if (!this.#dependents.get(request)?.some(waits)) this.#liveIds.delete(request);
  }

  /** Nothing waits for ever. */
  #release(overdue: readonly ScriptedAction[]): void {
    for (const action of overdue) if (this.#mayBeSent(action)) this.#makeReady(action);
    this.play();
  }
}

function indexDependents(
  actions: readonly ScriptedAction[],
): ReadonlyMap<number | null, readonly ScriptedAction[]> {
  const dependents = new Map<number | null, ScriptedAction[]>();
  for (const action of actions) {
    const { answers, follows, because } = action;
    const causes = new Set([follows, answers ?? follows, because ?? follows]);
    for (const cause of causes) {
      const known = dependents.get(cause);
      if (known === undefined) dependents.set(cause, [action]);
      else known.push(action);
    }
  }
  return dependents;
}
