/** Where things stand on a page. Ids are made of numbers alone, never of anything recorded. */
export class Anchors {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #present = new Set<string>();

  /** `recordings` are names, in the order of the page. */
  constructor(recordings: readonly string[]) {
    this.#numbers = new Map(recordings.map((name, index) => [name, index + 1]));
  }

  /** The id of an entry. */
  entry(recording: string, entry: number): string {
    return `${this.#recording(recording)}-e${entry}`;
  }

  /** The id of a connection. */
  connection(recording: string, connection: number): string {
    return `${this.#recording(recording)}-c${connection}`;
  }

  /** Notes that something with that id stands on the page. */
  add(id: string): void {
    this.#present.add(id);
  }

  /** True when a link to that id leads somewhere. */
  has(id: string): boolean {
    return this.#present.has(id);
  }

  #recording(name: string): string {
    return `r${this.#numbers.get(name) ?? 0}`;
  }
}
