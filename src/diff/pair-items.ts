/** Two items that belong together, or one that has no counterpart. */
export interface Pair<T> {
  readonly a: T | null;
  readonly b: T | null;
}

/** What an item is paired by; null pairs with nothing. */
export type KeyOf<T> = (item: T) => string | null;

/**
 * Pairs items of two lists: first those with the same first key, in order, then of what is left those with the same second key,
 * and so on. Pairs come in the order of `a`; what only `b` has comes last. `keys` may differ for the two lists.
 */
export function pairItems<T>(
  a: readonly T[],
  b: readonly T[],
  keys: readonly (KeyOf<T> | { readonly a: KeyOf<T>; readonly b: KeyOf<T> })[],
): readonly Pair<T>[] {
  const partners = new Map<number, T>();
  const left = new Set(b.keys());
  for (const key of keys) {
    const keyOf = typeof key === "function" ? { a: key, b: key } : key;
    pairByKey(a, b, keyOf, partners, left);
  }
  return [
    ...a.map((item, place) => ({ a: item, b: partners.get(place) ?? null })),
    ...b.filter((_, place) => left.has(place)).map((item) => ({ a: null, b: item })),
  ];
}

function pairByKey<T>(
  a: readonly T[],
  b: readonly T[],
  keyOf: { readonly a: KeyOf<T>; readonly b: KeyOf<T> },
  partners: Map<number, T>,
  left: Set<number>,
): void {
  const waiting = new Map<string, number[]>();
  // From the end, so that the first can be taken from the end of each list.
  for (let place = b.length - 1; place >= 0; place--) {
    const item = b[place];
    const key = item === undefined || !left.has(place) ? null : keyOf.b(item);
    if (key === null) continue;
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, [place]);
    else same.push(place);
  }
  for (const [place, item] of a.entries()) {
    const key = partners.has(place) ? null : keyOf.a(item);
    const other = key === null ? undefined : waiting.get(key)?.pop();
    const partner = other === undefined ? undefined : b[other];
    if (other === undefined || partner === undefined) continue;
    partners.set(place, partner);
    left.delete(other);
  }
}
