import type { Cue, ScriptedConnection } from "../script/script.ts";

/**
 * The cues of one connection whose turn may have come: something they depend on has happened. Kept in recorded order;
 * each cue enters once, however long the recording is.
 */
export class CueQueue {
  readonly #dependents = new Map<number | null, Cue[]>();
  readonly #entered = new Set<Cue>();
  #due: Cue[] = [];

  constructor(connection: ScriptedConnection) {
    for (const cue of connection.cues) {
      for (const cause of new Set([cue.answers, cue.follows, cue.because])) {
        if (cause === null && cue.follows !== null) continue;
        const known = this.#dependents.get(cause);
        if (known === undefined) this.#dependents.set(cause, [cue]);
        else known.push(cue);
      }
    }
    this.happened(null);
  }

  /** Lets in what depends on that entry; null stands for the beginning. */
  happened(entry: number | null): void {
    for (const cue of this.#dependents.get(entry) ?? []) {
      if (this.#entered.has(cue)) continue;
      this.#entered.add(cue);
      const isLast = (this.#due.at(-1)?.entry ?? -1) < cue.entry;
      this.#due.push(cue);
      if (!isLast) this.#due = this.#due.toSorted((a, b) => a.entry - b.entry);
    }
  }

  /** The first due cue that `isReady`, taken out; null when there is none. */
  take(isReady: (cue: Cue) => boolean): Cue | null {
    const index = this.#due.findIndex(isReady);
    if (index < 0) return null;
    const [cue] = this.#due.splice(index, 1);
    return cue ?? null;
  }

  /** Due cues that are still held back. */
  get held(): readonly Cue[] {
    return this.#due;
  }
}
