/** A secret that ends a text may have been cut there; fewer characters than this give nothing away. */
const MIN_CUT = 6;
/** Of longer ones no more than this is looked for at the end of a text. */
const MAX_CUT = 512;

/**
 * Credentials of which the end of a text is the beginning. A stream says its text again and again, each time with more of it, so that
 * a secret stands there in part first.
 */
export class CutCredentials {
  readonly #standIns = new Map<string, string>();
  readonly #beginnings = new Set<string>();
  #sorted: string[] | null = null;

  /** Remembers a credential. */
  add(value: string, standIn: string): void {
    if (value.length <= MIN_CUT || this.#standIns.has(value)) return;
    this.#standIns.set(value, standIn);
    this.#beginnings.add(value.slice(0, MIN_CUT));
    this.#sorted = null;
  }

  /** The text with a stand-in in place of what may be the beginning of a credential at its end. */
  remove(text: string): string {
    if (this.#standIns.size === 0) return text;
    for (let at = Math.max(0, text.length - MAX_CUT); at + MIN_CUT <= text.length; at += 1) {
      if (!this.#beginnings.has(text.slice(at, at + MIN_CUT))) continue;
      const standIn = this.#standInOf(text.slice(at));
      if (standIn !== null) return text.slice(0, at) + standIn;
    }
    return text;
  }

  #standInOf(beginning: string): string | null {
    const sorted = (this.#sorted ??= [...this.#standIns.keys()].toSorted());
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? "") <= beginning) low = middle + 1;
      else high = middle;
    }
    const next = sorted[low];
    return next?.startsWith(beginning) === true ? (this.#standIns.get(next) ?? null) : null;
  }
}
