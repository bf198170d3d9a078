/** Two items that belong together, or one that has no counterpart. */
export interface Pair<T> {
  readonly a: T | null;
  readonly b: T | null;
}

type Key = string | number | null;

/** What an item is paired by, for the items of either list, by their places. */
export interface PlaceKeys {
  readonly a: (place: number) => Key;
  readonly b: (place: number) => Key;
}

/** Places with the same key, of which the first so many have found their partners. */
interface Waiting {
  readonly places: number[];
  taken: number;
}

/**
 * Pairs items of two lists: first those with the same first key, in order, then of what is left those with the same second key,
 * and so on. Pairs come in the order of `a`; what only `b` has comes last. A null key pairs with nothing.
 */
export function pairItems<T>(
  a: readonly T[],
  b: readonly T[],
  keys: readonly ((item: T) => Key)[],
): readonly Pair<T>[] {
  const keyIn = (items: readonly T[], keyOf: (item: T) => Key) => (place: number) => {
    const item = items[place];
    return item === undefined ? null : keyOf(item);
  };
  const byPlace = keys.map((keyOf) => ({ a: keyIn(a, keyOf), b: keyIn(b, keyOf) }));
  return [...pairPlaces(a.length, b.length, byPlace)].map((pair) => ({
    a: pair.a === null ? null : (a[pair.a] ?? null),
    b: pair.b === null ? null : (b[pair.b] ?? null),
  }));
}

/** The same for lists of such lengths of which only the places are given and told: there may be very many. */
export function* pairPlaces(
  lengthA: number,
  lengthB: number,
  keys: readonly PlaceKeys[],
): Generator<Pair<number>, void, undefined> {
  const partners = new Int32Array(lengthA).fill(-1);
  const taken = new Uint8Array(lengthB);
  const start = commonStart(Math.min(lengthA, lengthB), keys[0]);
  for (let place = 0; place < start; place++) partners[place] = place;
  taken.fill(1, 0, start);
  for (const keyOf of keys) pairByKey(partners, taken, start, keyOf);
  for (const [a, b] of partners.entries()) yield { a, b: b < 0 ? null : b };
  for (const [b, isTaken] of taken.entries()) if (isTaken === 0) yield { a: null, b };
}

/** As long as the keys are the same on both sides, each has its partner at its own place, and nothing has to be looked up. */
function commonStart(length: number, keyOf: PlaceKeys | undefined): number {
  if (keyOf === undefined) return 0;
  let place = 0;
  for (; place < length; place++) {
    const key = keyOf.a(place);
    if (key === null || key !== keyOf.b(place)) break;
  }
  return place;
}

function pairByKey(partners: Int32Array, taken: Uint8Array, start: number, keyOf: PlaceKeys): void {
  const waiting = new Map<Key, Waiting>();
  for (let place = start; place < taken.length; place++) {
    const key = taken[place] === 1 ? null : keyOf.b(place);
    if (key === null) continue;
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, { places: [place], taken: 0 });
    else same.places.push(place);
  }
  for (let place = start; place < partners.length; place++) {
    const key = (partners[place] ?? -1) >= 0 ? null : keyOf.a(place);
    const same = key === null ? undefined : waiting.get(key);
    const partner = same?.places[same.taken];
    if (same === undefined || partner === undefined) continue;
    same.taken += 1;
    partners[place] = partner;
    taken[partner] = 1;
  }
}
