/** More lines than this nobody reads; the rest is counted. */
const MAX_LINES = 50;

/** What a recording misses, in plain words, each thing said once. */
export class Missing {
  readonly #lines = new Set<string>();
  #more = 0;

  get lines(): readonly string[] {
    const lines = [...this.#lines];
    return this.#more === 0 ? lines : [...lines, `and ${this.#more} more such places`];
  }

  add(line: string): void {
    if (this.#lines.has(line)) return;
    if (this.#lines.size < MAX_LINES) this.#lines.add(line);
    else this.#more += 1;
  }
}

/** Says which entries, as in "entry 4 is" or "entries 4-6 are". */
export function describeEntries(first: number, count: number): string {
  return count === 1 ? `entry ${first} is` : `entries ${first}-${first + count - 1} are`;
}
