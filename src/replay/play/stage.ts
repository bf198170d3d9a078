/** What has happened so far in the whole replay, so that one connection can wait for another. */
export class Stage {
  readonly #happened = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Notes that a request was asked, or that something was sent, and wakes who waits for it. */
  note(recording: string, entry: number): void {
    const key = keyOf(recording, entry);
    if (this.#happened.has(key)) return;
    this.#happened.add(key);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    for (const wake of waiting) wake();
  }

  /** True when it happened, on whatever connection. Else `wake` is called once it does. */
  hasHappened(recording: string, entry: number, wake: () => void): boolean {
    const key = keyOf(recording, entry);
    if (this.#happened.has(key)) return true;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, new Set([wake]));
    else waiting.add(wake);
    return false;
  }
}

function keyOf(recording: string, entry: number): string {
  return `${entry} ${recording}`;
}
