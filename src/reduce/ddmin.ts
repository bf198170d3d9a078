/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002): the smallest part of
 * `items`, in the sense that none more can be left out alone, for which `holds` is still true. It must be true for all of them.
 */
export function ddmin<T>(
  items: readonly T[],
  holds: (part: readonly T[]) => boolean,
): readonly T[] {
  if (items.length === 0 || holds([])) return [];
  let left = items;
  let parts = 2;
  while (left.length > 1) {
    const smaller = tryParts(left, parts, holds);
    if (smaller === null) {
      if (parts >= left.length) return left;
      parts = Math.min(left.length, parts * 2);
    } else {
      left = smaller.items;
      parts = Math.max(2, Math.min(left.length, smaller.parts));
    }
  }
  return left;
}

function tryParts<T>(
  items: readonly T[],
  parts: number,
  holds: (part: readonly T[]) => boolean,
): { readonly items: readonly T[]; readonly parts: number } | null {
  const size = Math.ceil(items.length / parts);
  for (let from = 0; from < items.length; from += size) {
    const part = items.slice(from, from + size);
    if (part.length < items.length && holds(part)) return { items: part, parts: 2 };
  }
  if (parts === 2) return null;
  for (let from = 0; from < items.length; from += size) {
    const rest = [...items.slice(0, from), ...items.slice(from + size)];
    if (holds(rest)) return { items: rest, parts: parts - 1 };
  }
  return null;
}
