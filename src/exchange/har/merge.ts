import type { NewEntry } from "../../recording/entry.ts";

/** Entries in order of their time, of which the first comes at `startMs`. */
export interface TimedEntries {
  readonly startMs: number;
  readonly entries: () => AsyncIterator<NewEntry>;
}

/** A source that was begun, and the entry of it that comes next. */
interface Running {
  readonly place: number;
  readonly iterator: AsyncIterator<NewEntry>;
  next: NewEntry;
}

/** All of them in order of time, those of the same time in the order given. Begins to read each only when its time has come. */
export async function* mergeByTime(
  sources: readonly TimedEntries[],
): AsyncGenerator<NewEntry, void, undefined> {
  const waiting = sources
    .map((source, place) => ({ ...source, place }))
    .toSorted((left, right) => left.startMs - right.startMs);
  const running: Running[] = [];
  let started = 0;
  for (;;) {
    for (
      let source = waiting[started];
      source !== undefined && source.startMs <= (running[0]?.next.atMs ?? Infinity);
      source = waiting[++started]
    ) {
      const iterator = source.entries();
      const { value, done } = await iterator.next();
      if (done === true) continue;
      running.push({ place: source.place, iterator, next: value });
      rise(running);
    }
    const [first] = running;
    if (first === undefined) return;
    yield first.next;
    const { value, done } = await first.iterator.next();
    if (done !== true) first.next = value;
    else {
      const last = running.pop();
      if (last !== undefined && last !== first) running[0] = last;
    }
    sink(running);
  }
}

/*
 * The running sources are a binary heap, since very many sockets may be open at once: who is at place n comes before those at 2n + 1
 * and 2n + 2.
 */

/** Brings the last one up to its place. */
function rise(heap: Running[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!swapUnlessInOrder(heap, above, at)) return;
    at = above;
  }
}

/** Brings the first one down to its place. */
function sink(heap: Running[]): void {
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const below = isBefore(heap[right], heap[left]) ? right : left;
    if (!swapUnlessInOrder(heap, at, below)) return;
    at = below;
  }
}

function swapUnlessInOrder(heap: Running[], above: number, below: number): boolean {
  const [upper, lower] = [heap[above], heap[below]];
  if (upper === undefined || lower === undefined || !isBefore(lower, upper)) return false;
  heap[above] = lower;
  heap[below] = upper;
  return true;
}

function isBefore(one: Running | undefined, other: Running | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const byTime = one.next.atMs - other.next.atMs;
  return byTime === 0 ? one.place < other.place : byTime < 0;
}
