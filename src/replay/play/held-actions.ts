import type { ScriptedAction } from "../script/script.ts";

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
