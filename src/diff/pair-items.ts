/** Two items that belong together, or one that has no counterpart. */
export interface Pair<T> {
  readonly a: T | null;
  readonly b: T | null;
}

/** Items with the same key, of which the first so many have found their partners. */
interface Waiting<T> {
  readonly items: T[];
  taken: number;
}

/**
 * Pairs items of two lists: first those with the same first key, in order, then of what is left those with the same second key,
 * and so on. Pairs come in the order of `a`; what only `b` has comes last. A null key pairs with nothing.
 */
export function pairItems<T>(
  a: readonly T[],
  b: readonly T[],
  keys: readonly ((item: T) => string | null)[],
): readonly Pair<T>[] {
  const partners = new Map<T, T>();
  const taken = new Set<T>();
  for (const keyOf of keys) {
    const waiting = new Map<string, Waiting<T>>();
    for (const item of b) {
      const key = taken.has(item) ? null : keyOf(item);
      if (key === null) continue;
      const same = waiting.get(key);
      if (same === undefined) waiting.set(key, { items: [item], taken: 0 });
      else same.items.push(item);
    }
    for (const item of a) {
      const key = partners.has(item) ? null : keyOf(item);
      const same = key === null ? undefined : waiting.get(key);
      const partner = same?.items[same.taken];
      if (same === undefined || partner === undefined) continue;
      same.taken += 1;
      partners.set(item, partner);
      taken.add(partner);
    }
  }
  return [
    ...a.map((item) => ({ a: item, b: partners.get(item) ?? null })),
    ...b.filter((item) => !taken.has(item)).map((item) => ({ a: null, b: item })),
  ];
}
