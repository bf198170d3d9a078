import type { Speed, Wait } from "./speed.ts";
import type { Cue } from "../script/script.ts";

/** When the cues of one connection come after what they followed in the recording, at the speed of the replay. */
export class Pace {
  readonly #delaysMs: ReadonlyMap<Cue, number>;
  readonly #wait: Wait;
  readonly #wake: () => void;
  readonly #waiting = new Set<Cue>();
  readonly #elapsed = new Set<Cue>();

  constructor(delaysMs: ReadonlyMap<Cue, number>, wait: Wait | undefined, wake: () => void) {
    this.#delaysMs = delaysMs;
    this.#wait = wait ?? waitUnheld;
    this.#wake = wake;
  }

  /** True when the cue has waited its delay. The first question begins the wait; `wake` is called at its end. */
  isTime(cue: Cue): boolean {
    const delayMs = this.#delaysMs.get(cue) ?? 0;
    if (delayMs === 0 || this.#elapsed.has(cue)) return true;
    if (!this.#waiting.has(cue)) {
      this.#waiting.add(cue);
      void this.#letPass(cue, delayMs);
    }
    return false;
  }

  /** True while the delay of the cue runs. */
  isWaiting(cue: Cue): boolean {
    return this.#waiting.has(cue);
  }

  async #letPass(cue: Cue, delayMs: number): Promise<void> {
    await this.#wait(delayMs);
    this.#waiting.delete(cue);
    this.#elapsed.add(cue);
    this.#wake();
  }
}

/**
 * How long each cue waits once what it followed has happened: its recorded distance, scaled. A silence in it, between two
 * cues that followed the same, counts `maxWaitMs` at most.
 */
export function measureDelays(
  cues: readonly Cue[],
  speed: Speed,
  maxWaitMs: number,
): ReadonlyMap<Cue, number> {
  const delaysMs = new Map<Cue, number>();
  if (speed === "immediate") return delaysMs;
  const latest = new Map<number, { readonly afterMs: number; readonly delayMs: number }>();
  for (const cue of cues) {
    if (cue.follows === null) continue;
    const before = latest.get(cue.follows) ?? { afterMs: 0, delayMs: 0 };
    const silenceMs = Math.max(0, cue.afterMs - before.afterMs) / speed;
    const delayMs = before.delayMs + Math.min(silenceMs, maxWaitMs);
    latest.set(cue.follows, { afterMs: Math.max(cue.afterMs, before.afterMs), delayMs });
    delaysMs.set(cue, Math.round(delayMs));
  }
  return delaysMs;
}

// A replay that was closed does not stay for what it would have said later.
function waitUnheld(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
