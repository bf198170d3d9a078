/** Lets through so many a second, and a burst of as many: what is more is to be left out. Time is data, so it is pure. */
export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #sinceMs = -Infinity;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Takes one; false when there is none left at that time. */
  take(atMs: number): boolean {
    const gained = ((atMs - this.#sinceMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond, this.#left + Math.max(0, gained));
    this.#sinceMs = atMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
