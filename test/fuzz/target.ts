/** Something that takes bytes from strangers. */
export interface FuzzTarget {
  readonly name: string;
  /** Of the cases that the fastest get, one in so many; a case of this one takes as much longer. */
  readonly oneIn?: number;
  /** Good inputs, from which bad ones are made. */
  readonly inputs: () => Promise<readonly Buffer[]> | readonly Buffer[];
  /** Pieces that mean something to it. */
  readonly words: readonly string[];
  /**
   * Takes an input. Throws what no input may lead to. Says in a few words what it did with it: an input that leads to something new
   * is kept, and changed further.
   */
  readonly run: (input: Buffer) => Promise<string> | string;
}
