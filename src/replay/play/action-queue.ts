import type { ScriptedAction, ScriptedConnection } from "../script/script.ts";

/**
 * The actions of one connection whose turn may have come: something they depend on has happened. Kept in recorded order;
 * each action enters once, however long the recording is.
 */
export class ActionQueue {
  readonly #dependents = new Map<number | null, ScriptedAction[]>();
  readonly #entered = new Set<ScriptedAction>();
  #due: ScriptedAction[] = [];

  constructor(connection: ScriptedConnection) {
    for (const action of connection.actions) {
      for (const cause of new Set([action.answers, action.follows, action.because])) {
        if (cause === null && action.follows !== null) continue;
        const known = this.#dependents.get(cause);
        if (known === undefined) this.#dependents.set(cause, [action]);
        else known.push(action);
      }
    }
    this.happened(null);
  }

  /** Lets in what depends on that entry; null stands for the beginning. */
  happened(entry: number | null): void {
    for (const action of this.#dependents.get(entry) ?? []) {
      if (this.#entered.has(action)) continue;
      this.#entered.add(action);
      const isLast = (this.#due.at(-1)?.entry ?? -1) < action.entry;
      this.#due.push(action);
      if (!isLast) this.#due = this.#due.toSorted((a, b) => a.entry - b.entry);
    }
  }

  /** The first due action that `isReady`, taken out; null when there is none. */
  take(isReady: (action: ScriptedAction) => boolean): ScriptedAction | null {
    const index = this.#due.findIndex(isReady);
    if (index < 0) return null;
    const [action] = this.#due.splice(index, 1);
    return action ?? null;
  }

  /** Due actions that are still held back. */
  get held(): readonly ScriptedAction[] {
    return this.#due;
  }
}
