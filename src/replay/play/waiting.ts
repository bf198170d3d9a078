import { GwTraceError } from "../../errors.ts";
import type { ScriptedAction, Script } from "../script/script.ts";

/** How fast a recording is played: a multiple of the recorded speed, or without any delay. */
export type Speed = number | "immediate";

/** Lets a time pass. */
export type Wait = (ms: number) => Promise<void>;

/**
 * Reads a speed as it is written: `as-recorded`, `immediate`, `2x`, `0.5x`, `200%`.
 * @throws {GwTraceError} USAGE
 */
export function readSpeed(text: string): Speed {
  if (text === "immediate") return text;
  if (text === "as-recorded") return 1;
  const [, number, unit] = /^(\d+(?:\.\d+)?|\.\d+)(x|%)$/.exec(text) ?? [];
  if (number === undefined) throw noSpeed(text);
  return checkSpeed(unit === "%" ? Number(number) / 100 : Number(number), text);
}

/**
 * Returns the speed when something can be played at it.
 * @throws {GwTraceError} USAGE
 */
export function checkSpeed(speed: Speed, written = String(speed)): Speed {
  if (speed === "immediate" || (Number.isFinite(speed) && speed > 0)) return speed;
  throw noSpeed(written);
}

function noSpeed(text: string): GwTraceError {
  return new GwTraceError(
    "USAGE",
    `${JSON.stringify(text)} is no speed of a replay`,
    "Write as-recorded, a multiple such as 2x, 0.5x or 200%, or immediate.",
  );
}

/**
 * How long each action waits once what it followed has happened: its recorded distance, scaled. A silence in it, between two
 * actions that followed the same, counts `maxWaitMs` at most.
 */
export function measureDelays(
  actions: readonly ScriptedAction[],
  speed: Speed,
  maxWaitMs: number,
): ReadonlyMap<ScriptedAction, number> {
  const delaysMs = new Map<ScriptedAction, number>();
  if (speed === "immediate") return delaysMs;
  const latest = new Map<number, { readonly afterMs: number; readonly delayMs: number }>();
  for (const action of actions) {
    if (action.follows === null) continue;
    const before = latest.get(action.follows) ?? { afterMs: 0, delayMs: 0 };
    const silenceMs = Math.max(0, action.afterMs - before.afterMs) / speed;
    const delayMs = before.delayMs + Math.min(silenceMs, maxWaitMs);
    latest.set(action.follows, { afterMs: Math.max(action.afterMs, before.afterMs), delayMs });
    delaysMs.set(action, Math.round(delayMs));
  }
  return delaysMs;
}

/** Lets a time pass. A replay that was closed does not stay for what it would have said later. */
export function waitUnheld(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** What has happened so far in the whole replay, so that one connection can wait for another. */
export class Progress {
  readonly #happened = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  /** What somebody may ever wait for: nothing else needs to be remembered. */
  readonly #awaited: ReadonlySet<string>;

  constructor(scripts: readonly Script[]) {
    const awaited = new Set<string>();
    for (const { recording, connections } of scripts) {
      for (const { awaits } of connections.flatMap(({ actions }) => actions)) {
        if (awaits !== null) awaited.add(keyOf(recording, awaits.entry));
      }
    }
    this.#awaited = awaited;
  }

  /** Notes that a request was asked, or that something was sent, and wakes who waits for it. */
  note(recording: string, entry: number): void {
    if (this.#awaited.size === 0) return;
    const key = keyOf(recording, entry);
    if (!this.#awaited.has(key) || this.#happened.has(key)) return;
    this.#happened.add(key);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    for (const wake of waiting) wake();
  }

  /** True when it happened, on whatever connection. */
  has(recording: string, entry: number): boolean {
    return this.#happened.has(keyOf(recording, entry));
  }

  /** Calls `wake` once it happens. */
  wake(recording: string, entry: number, wake: () => void): void {
    const key = keyOf(recording, entry);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [wake]);
    else waiting.push(wake);
  }
}

function keyOf(recording: string, entry: number): string {
  return `${entry} ${recording}`;
}

/** Actions that are held back, the longest held first, each for so long at most. */
export class HeldActions {
  readonly #maxWaitMs: number;
  readonly #onOverdue: (actions: readonly ScriptedAction[]) => void;
  /** Since when, in the order of these times. */
  readonly #sinceMs = new Map<ScriptedAction, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(maxWaitMs: number, onOverdue: (actions: readonly ScriptedAction[]) => void) {
    this.#maxWaitMs = maxWaitMs;
    this.#onOverdue = onOverdue;
  }

  /** Holds an action back from now on, unless it is held already. */
  add(action: ScriptedAction): void {
    if (this.#sinceMs.has(action)) return;
    this.#sinceMs.set(action, performance.now());
    this.#timer ??= setTimeout(() => this.#letGo(), this.#maxWaitMs);
  }

  /** Holds it back no longer. */
  delete(action: ScriptedAction): void {
    this.#sinceMs.delete(action);
  }

  /** Holds nothing back, and lets nothing go. */
  clear(): void {
    this.#sinceMs.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #letGo(): void {
    const nowMs = performance.now();
    const overdue: ScriptedAction[] = [];
    this.#timer = null;
    for (const [action, sinceMs] of this.#sinceMs) {
      const leftMs = sinceMs + this.#maxWaitMs - nowMs;
      if (leftMs > 1) {
        this.#timer = setTimeout(() => this.#letGo(), leftMs);
        break;
      }
      overdue.push(action);
    }
    for (const action of overdue) this.#sinceMs.delete(action);
    this.#onOverdue(overdue);
  }
}
