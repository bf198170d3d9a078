import type { Speed, Wait } from "./speed.ts";
import type { ScriptedAction } from "../script/script.ts";

/** When the actions of one connection come after what they followed in the recording, at the speed of the replay. */
export class Pace {
  readonly #delaysMs: ReadonlyMap<ScriptedAction, number>;
  readonly #wait: Wait;
  readonly #wake: () => void;
  readonly #waiting = new Set<ScriptedAction>();
  readonly #elapsed = new Set<ScriptedAction>();

  constructor(
    delaysMs: ReadonlyMap<ScriptedAction, number>,
    wait: Wait | undefined,
    wake: () => void,
  ) {
    this.#delaysMs = delaysMs;
    this.#wait = wait ?? waitUnheld;
    this.#wake = wake;
  }

  /** True when the action has waited its delay. The first question begins the wait; `wake` is called at its end. */
  isTime(action: ScriptedAction): boolean {
    const delayMs = this.#delaysMs.get(action) ?? 0;
    if (delayMs === 0 || this.#elapsed.has(action)) return true;
    if (!this.#waiting.has(action)) {
      this.#waiting.add(action);
      void this.#letPass(action, delayMs);
    }
    return false;
  }

  /** True while the delay of the action runs. */
  isWaiting(action: ScriptedAction): boolean {
    return this.#waiting.has(action);
  }

  async #letPass(action: ScriptedAction, delayMs: number): Promise<void> {
    await this.#wait(delayMs);
    this.#waiting.delete(action);
    this.#elapsed.add(action);
    this.#wake();
  }
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

// A replay that was closed does not stay for what it would have said later.
function waitUnheld(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
