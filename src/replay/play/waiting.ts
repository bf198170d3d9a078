import type { Script, ScriptedAction } from "../script/script.ts";

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
