import type { Script } from "../script/script.ts";

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
