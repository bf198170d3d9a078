/** A value that stands in a text. */
export interface Match<T> {
  readonly start: number;
  readonly end: number;
  readonly found: T;
}

/** Says whether a value counts where it was found; a shorter one may, where the longest does not. */
export type Accept<T> = (start: number, end: number, found: T) => boolean;

/** A text is looked at through windows of these lengths: the longer the values, the more of it can be leapt over. */
const WINDOWS = [4, 6, 16, 32] as const;

/**
 * Of a longer value its beginning is searched for, and what follows as far as it is the same: a text full of what nearly is a value
 * would cost its length at every character.
 */
const MAX_SEARCHED = 256;

/** The shortest value that can be searched for. */
export const MIN_CHARACTERS: number = WINDOWS[0];

/**
 * Finds thousands of values in a text at once, in time that grows with the text alone (Wu and Manber's search, then a tree of what
 * begins alike).
 */
export class ValueMatcher<T> {
  readonly #groups = WINDOWS.map((window) => new Group<T>(window));

  /** Adds a value of at least four characters; shorter ones are passed over. What was added for it before stays. */
  add(value: string, found: T): void {
    this.#groups.findLast(({ window }) => window <= value.length)?.add(value, found);
  }

  /** All values in a text from left to right, none within another; of those that begin at one place, the longest. */
  matches(text: string, accept: Accept<T>): readonly Match<T>[] {
    const all: Match<T>[] = [];
    for (const group of this.#groups) group.collect(text, accept, all);
    if (all.length < 2) return all;
    all.sort((left, right) => left.start - right.start || right.end - left.end);
    let end = 0;
    return all.filter((match) => {
      if (match.end <= end) return false;
      end = match.end;
      return true;
    });
  }
}

const TABLE_SIZE = 1 << 16;
const BLOCK = 3;

interface Node<T> {
  readonly edges: Map<number, Edge<T>>;
  value: Value<T> | null;
}

interface Value<T> {
  readonly found: T;
  /** What follows of a value that is longer than what is searched for. */
  readonly rest: string;
}

interface Edge<T> {
  readonly label: string;
  readonly to: Node<T>;
}

function createNode<T>(value: Value<T> | null = null): Node<T> {
  return { edges: new Map(), value };
}

/** Values of at least one window's length. */
class Group<T> {
  readonly window: number;
  readonly #maxLeap: number;
  /** By the last characters of a window: how much less than the most may be leapt. */
  #tooFar: Uint8Array | null = null;
  readonly #byWindow = new Map<string, Node<T>>();

  constructor(window: number) {
    this.window = window;
    this.#maxLeap = window - BLOCK + 1;
  }

  add(value: string, found: T): void {
    const tooFar = (this.#tooFar ??= new Uint8Array(TABLE_SIZE));
    const start = value.slice(0, this.window);
    for (let last = BLOCK - 1; last < this.window; last += 1) {
      const leap = this.window - 1 - last;
      const hash = hashOf(value, last);
      tooFar[hash] = Math.max(tooFar[hash] ?? 0, this.#maxLeap - leap);
    }
    let root = this.#byWindow.get(start);
    if (root === undefined) this.#byWindow.set(start, (root = createNode()));
    insert(root, value.slice(this.window, MAX_SEARCHED), {
      found,
      rest: value.slice(MAX_SEARCHED),
    });
  }

  collect(text: string, accept: Accept<T>, into: Match<T>[]): void {
    const tooFar = this.#tooFar;
    if (tooFar === null) return;
    const { window } = this;
    const maxLeap = this.#maxLeap;
    for (let last = window - 1; last < text.length;) {
      const leap = maxLeap - (tooFar[hashOf(text, last)] ?? 0);
      if (leap > 0) {
        last += leap;
        continue;
      }
      const start = last - window + 1;
      const root = this.#byWindow.get(text.slice(start, last + 1));
      const match = root === undefined ? null : longest(root, text, start, last + 1, accept);
      if (match === null) last += 1;
      else {
        into.push(match);
        last = match.end + window - 1;
      }
    }
  }
}

function hashOf(text: string, last: number): number {
  return (
    ((text.charCodeAt(last - 2) << 10) ^ (text.charCodeAt(last - 1) << 5) ^ text.charCodeAt(last)) &
    (TABLE_SIZE - 1)
  );
}

function insert<T>(root: Node<T>, rest: string, value: Value<T>): void {
  let node = root;
  let left = rest;
  while (left !== "") {
    const first = left.charCodeAt(0);
    const edge = node.edges.get(first);
    if (edge === undefined) {
      node.edges.set(first, { label: left, to: createNode(value) });
      return;
    }
    const common = commonLength(edge.label, left);
    if (common < edge.label.length) {
      // Where they part, the edge becomes two.
      const middle = createNode<T>();
      const { label, to } = edge;
      middle.edges.set(label.charCodeAt(common), { label: label.slice(common), to });
      node.edges.set(first, { label: label.slice(0, common), to: middle });
      node = middle;
    } else node = edge.to;
    left = left.slice(common);
  }
  node.value ??= value;
}

function commonLength(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  let length = 0;
  while (length < most && left.charCodeAt(length) === right.charCodeAt(length)) length += 1;
  return length;
}

function longest<T>(
  root: Node<T>,
  text: string,
  start: number,
  from: number,
  accept: Accept<T>,
): Match<T> | null {
  let best: Match<T> | null = null;
  let node = root;
  for (let at = from; ;) {
    if (node.value !== null) {
      const { found, rest } = node.value;
      const end = rest === "" ? at : at + commonLength(rest, text.slice(at, at + rest.length));
      if (accept(start, end, found)) best = { start, end, found };
    }
    const edge = node.edges.get(text.charCodeAt(at));
    if (edge === undefined || !text.startsWith(edge.label, at)) return best;
    at += edge.label.length;
    node = edge.to;
  }
}
